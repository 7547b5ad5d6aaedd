// The options of the commands about files within an image: files, cat.
import type { Command, OptionsOf } from './commander.ts';
import { addOptions } from './commander.ts';
import { latest, s3Endpoint } from './image-options.ts';
import { parseRoom } from './parse.ts';

export function filesOptions(command: Command) {
  return command
    .option('--partition <name>', 'only the files of this partition: its number, or GROUP/NAME of a logical volume')
    .option(...latest)
    .option('--contents-limit <size>', 'read at most this much of the image, such as 64M (default: 16M)', parseRoom)
    .option('--spool', 'fetch the image to a temporary file if the store has no range support')
    .option(...s3Endpoint);
}

export type FilesOptions = OptionsOf<typeof filesOptions>;

export function catOptions(command: Command) {
  const own = command
    .option('-o, --output <file>', 'write to this file, which gets its name once it is complete; - is standard output')
    .option('--force', 'replace an existing file');
  return addOptions(own, filesOptions);
}

export type CatOptions = OptionsOf<typeof catOptions>;
