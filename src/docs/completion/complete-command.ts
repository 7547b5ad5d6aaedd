/** The hidden command that completion scripts run. Apart from them, since every start of the program compares with it. */
export const completeCommand = '__complete';
