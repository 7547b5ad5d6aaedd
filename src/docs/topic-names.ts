// The topics of help, by name. Apart from their texts, so that --help lists them without loading those.

/** A topic: what `glance-cli help NAME` and the man page `glance-cli-NAME`(7) tell. */
export type TopicName = 'connection' | 'exit-codes' | 'errors' | 'environment' | 'formats' | 'sbom' | 'fleet';

/** What each topic is about, in the order in which help lists them. */
export const topicSummaries: Readonly<Record<TopicName, string>> = {
  connection: 'the options of every command: which cloud, how it is reached, how results look',
  'exit-codes': 'how a command ends, and what a script should do',
  errors: 'every error code, what it means, and what to do',
  environment: 'the variables that are read',
  formats: 'how results are printed, and the keys of an image',
  sbom: 'all that is installed in an image, for scanners, a whole cloud, and CI',
  fleet: 'many machines: how they share a mirror, what they need, what may fail',
};

/** The names in that order. */
export const topicNames = Object.keys(topicSummaries) as readonly TopicName[];
