// The names of the help topics, kept apart from their texts so that --help can list them without loading those.

/** A topic, printed by `glance-cli help NAME` and on the man page `glance-cli-NAME`(7). */
export type TopicName = 'connection' | 'exit-codes' | 'errors' | 'environment' | 'formats' | 'sbom' | 'fleet';

/** What each topic is about, in the order in which help lists them. */
export const topicSummaries: Readonly<Record<TopicName, string>> = {
  connection: 'options of every command: which cloud, how to reach it, how results look',
  'exit-codes': 'how commands end, and what a script should do',
  errors: 'every error code, with its meaning and what to do',
  environment: 'the environment variables that are read',
  formats: 'how results are printed, and the keys of an image',
  sbom: 'what is installed in an image: for scanners, a whole cloud, and CI',
  fleet: 'many machines: how they share work, what they need, what can fail',
};

/** The names in that order. */
export const topicNames = Object.keys(topicSummaries) as readonly TopicName[];
