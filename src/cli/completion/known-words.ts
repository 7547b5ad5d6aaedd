// Words that Glance uses, for completion and for suggestions. A Glance may have others: nothing is refused for being none of them.

/** Values by option, as it is named in code. */
export const knownWords: Readonly<Record<string, readonly string[]>> = {
  status: ['active', 'deactivated', 'queued', 'saving', 'importing', 'killed', 'deleted', 'pending_delete'],
  diskFormat: ['qcow2', 'raw', 'vmdk', 'vhd', 'vhdx', 'vdi', 'iso', 'ploop', 'ami', 'ari', 'aki'],
  containerFormat: ['bare', 'ovf', 'ova', 'docker', 'compressed', 'ami', 'ari', 'aki'],
  sort: ['name', 'created_at:desc', 'updated_at:desc', 'size:desc', 'status', 'disk_format', 'id'],
  digest: ['sha256', 'sha512', 'sha1', 'md5'],
};
