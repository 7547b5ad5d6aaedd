// Words that filters of Glance take, for completion and for suggestions. A Glance may have others, so nothing is refused because
// it is not among these.

/** Values by the part of a query that takes them. */
export const filterWords = {
  status: ['active', 'deactivated', 'queued', 'saving', 'importing', 'killed', 'deleted', 'pending_delete'],
  diskFormat: ['qcow2', 'raw', 'vmdk', 'vhd', 'vhdx', 'vdi', 'iso', 'ploop', 'ami', 'ari', 'aki'],
  containerFormat: ['bare', 'ovf', 'ova', 'docker', 'compressed', 'ami', 'ari', 'aki'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
