// Images as Glance sends them, and what `openstack` (python-openstackclient 6.0, cliff 4.0) printed for them. The hash
// columns, which that release does not have, come from its formatters with the columns of later releases.
export const records: readonly unknown[] = [
  {
    description: 'naïve ☃ 日本語',
    'colon:key': 'a:b=c,d;e',
    json: '{"a": [1, "it\'s"]}',
    multi_line: 'first\nsecond third',
    number: '007',
    hw_cpu_cores: '2',
    hw_boot_menu: 'false',
    instance_type_rxtx_factor: '2',
    empty: '',
    disk_format: 'raw',
    container_format: 'bare',
    visibility: 'private',
    status: 'active',
    checksum: 'b3ab9a2c30c286602995ebab22fc4ca7',
    protected: false,
    min_ram: 0,
    min_disk: 0,
    owner: 'de000000000000000000000000000002',
    os_hidden: false,
    os_hash_algo: 'sha512',
    created_at: '2026-02-01T01:00:00Z',
    updated_at: '2026-02-01T01:00:30Z',
    self: '/v2/images/5eed0000-0000-4000-8000-000000000060',
    schema: '/v2/schemas/image',
    id: '5eed0000-0000-4000-8000-000000000060',
    file: '/v2/images/5eed0000-0000-4000-8000-000000000060/file',
    name: 'Debian 12, "naïve" 日本語',
    size: 3145728,
    virtual_size: 3145728,
    os_hash_value: '25f6303208178fbd',
    tags: ['lts', 'gold', 'a b'],
    direct_url: 'rbd://pool/1',
    locations: [{ url: 'rbd://pool/1', metadata: { store: 'fast' } }],
    stores: 'fast,slow',
  },
  {
    name: null,
    disk_format: null,
    container_format: null,
    visibility: 'private',
    size: null,
    virtual_size: null,
    status: 'queued',
    checksum: null,
    protected: false,
    min_ram: 0,
    min_disk: 0,
    owner: 'de000000000000000000000000000002',
    os_hidden: false,
    os_hash_algo: null,
    os_hash_value: null,
    id: '5eed0000-0000-4000-8000-000000000021',
    created_at: '2026-02-01T00:21:00Z',
    updated_at: '2026-02-01T00:21:30Z',
    tags: [],
    self: '/v2/images/5eed0000-0000-4000-8000-000000000021',
    file: '/v2/images/5eed0000-0000-4000-8000-000000000021/file',
    schema: '/v2/schemas/image',
  },
  {
    name: 'Alpine',
    disk_format: 'raw',
    container_format: 'bare',
    visibility: 'private',
    size: 0,
    status: 'active',
    checksum: 'd41d8cd98f00b204e9800998ecf8427e',
    protected: false,
    min_ram: 0,
    min_disk: 0,
    owner: 'de000000000000000000000000000002',
    os_hidden: false,
    os_hash_algo: 'sha512',
    os_hash_value: 'cf83e1357eefb8bd',
    id: '5eed0000-0000-4000-8000-000000000026',
    created_at: '2026-02-01T00:26:00Z',
    updated_at: '2026-02-01T00:26:30Z',
    tags: [],
    self: '/v2/images/5eed0000-0000-4000-8000-000000000026',
    file: '/v2/images/5eed0000-0000-4000-8000-000000000026/file',
    schema: '/v2/schemas/image',
    stores: 'fast',
  },
];

export const printed = {
  'list table': `
+--------------------------------------+---------------------------+--------+
| ID                                   | Name                      | Status |
+--------------------------------------+---------------------------+--------+
| 5eed0000-0000-4000-8000-000000000026 | Alpine                    | active |
| 5eed0000-0000-4000-8000-000000000060 | Debian 12, "naïve" 日本語 | active |
| 5eed0000-0000-4000-8000-000000000021 | None                      | queued |
+--------------------------------------+---------------------------+--------+
`.slice(1),
  'list json': `
[
  {
    "ID": "5eed0000-0000-4000-8000-000000000026",
    "Name": "Alpine",
    "Status": "active"
  },
  {
    "ID": "5eed0000-0000-4000-8000-000000000060",
    "Name": "Debian 12, \\"na\\u00efve\\" \\u65e5\\u672c\\u8a9e",
    "Status": "active"
  },
  {
    "ID": "5eed0000-0000-4000-8000-000000000021",
    "Name": null,
    "Status": "queued"
  }
]
`.slice(1),
  'list yaml': `
- ID: 5eed0000-0000-4000-8000-000000000026
  Name: Alpine
  Status: active
- ID: 5eed0000-0000-4000-8000-000000000060
  Name: "Debian 12, \\"na\\xEFve\\" \\u65E5\\u672C\\u8A9E"
  Status: active
- ID: 5eed0000-0000-4000-8000-000000000021
  Name: null
  Status: queued
`.slice(1),
  'list csv': `
"ID","Name","Status"
"5eed0000-0000-4000-8000-000000000026","Alpine","active"
"5eed0000-0000-4000-8000-000000000060","Debian 12, ""naïve"" 日本語","active"
"5eed0000-0000-4000-8000-000000000021","","queued"
`.slice(1),
  'list value': `
5eed0000-0000-4000-8000-000000000026 Alpine active
5eed0000-0000-4000-8000-000000000060 Debian 12, "naïve" 日本語 active
5eed0000-0000-4000-8000-000000000021 None queued
`.slice(1),
  'long table': `
+--------------------------------------+---------------------------+-------------+------------------+---------+----------------------------------+--------+------------+-----------+----------------------------------+----------------+------------------+----------------+
| ID                                   | Name                      | Disk Format | Container Format |    Size | Checksum                         | Status | Visibility | Protected | Project                          | Hash Algorithm | Hash Value       | Tags           |
+--------------------------------------+---------------------------+-------------+------------------+---------+----------------------------------+--------+------------+-----------+----------------------------------+----------------+------------------+----------------+
| 5eed0000-0000-4000-8000-000000000026 | Alpine                    | raw         | bare             |       0 | d41d8cd98f00b204e9800998ecf8427e | active | private    | False     | de000000000000000000000000000002 | sha512         | cf83e1357eefb8bd |                |
| 5eed0000-0000-4000-8000-000000000060 | Debian 12, "naïve" 日本語 | raw         | bare             | 3145728 | b3ab9a2c30c286602995ebab22fc4ca7 | active | private    | False     | de000000000000000000000000000002 | sha512         | 25f6303208178fbd | a b, gold, lts |
| 5eed0000-0000-4000-8000-000000000021 | None                      | None        | None             |    None | None                             | queued | private    | False     | de000000000000000000000000000002 | None           | None             |                |
+--------------------------------------+---------------------------+-------------+------------------+---------+----------------------------------+--------+------------+-----------+----------------------------------+----------------+------------------+----------------+
`.slice(1),
  'long json': `
[
  {
    "ID": "5eed0000-0000-4000-8000-000000000026",
    "Name": "Alpine",
    "Disk Format": "raw",
    "Container Format": "bare",
    "Size": 0,
    "Checksum": "d41d8cd98f00b204e9800998ecf8427e",
    "Status": "active",
    "Visibility": "private",
    "Protected": false,
    "Project": "de000000000000000000000000000002",
    "Hash Algorithm": "sha512",
    "Hash Value": "cf83e1357eefb8bd",
    "Tags": []
  },
  {
    "ID": "5eed0000-0000-4000-8000-000000000060",
    "Name": "Debian 12, \\"na\\u00efve\\" \\u65e5\\u672c\\u8a9e",
    "Disk Format": "raw",
    "Container Format": "bare",
    "Size": 3145728,
    "Checksum": "b3ab9a2c30c286602995ebab22fc4ca7",
    "Status": "active",
    "Visibility": "private",
    "Protected": false,
    "Project": "de000000000000000000000000000002",
    "Hash Algorithm": "sha512",
    "Hash Value": "25f6303208178fbd",
    "Tags": [
      "lts",
      "gold",
      "a b"
    ]
  },
  {
    "ID": "5eed0000-0000-4000-8000-000000000021",
    "Name": null,
    "Disk Format": null,
    "Container Format": null,
    "Size": null,
    "Checksum": null,
    "Status": "queued",
    "Visibility": "private",
    "Protected": false,
    "Project": "de000000000000000000000000000002",
    "Hash Algorithm": null,
    "Hash Value": null,
    "Tags": []
  }
]
`.slice(1),
  'long yaml': `
- Checksum: d41d8cd98f00b204e9800998ecf8427e
  Container Format: bare
  Disk Format: raw
  Hash Algorithm: sha512
  Hash Value: cf83e1357eefb8bd
  ID: 5eed0000-0000-4000-8000-000000000026
  Name: Alpine
  Project: de000000000000000000000000000002
  Protected: false
  Size: 0
  Status: active
  Tags: []
  Visibility: private
- Checksum: b3ab9a2c30c286602995ebab22fc4ca7
  Container Format: bare
  Disk Format: raw
  Hash Algorithm: sha512
  Hash Value: 25f6303208178fbd
  ID: 5eed0000-0000-4000-8000-000000000060
  Name: "Debian 12, \\"na\\xEFve\\" \\u65E5\\u672C\\u8A9E"
  Project: de000000000000000000000000000002
  Protected: false
  Size: 3145728
  Status: active
  Tags:
  - lts
  - gold
  - a b
  Visibility: private
- Checksum: null
  Container Format: null
  Disk Format: null
  Hash Algorithm: null
  Hash Value: null
  ID: 5eed0000-0000-4000-8000-000000000021
  Name: null
  Project: de000000000000000000000000000002
  Protected: false
  Size: null
  Status: queued
  Tags: []
  Visibility: private
`.slice(1),
  'long csv': `
"ID","Name","Disk Format","Container Format","Size","Checksum","Status","Visibility","Protected","Project","Hash Algorithm","Hash Value","Tags"
"5eed0000-0000-4000-8000-000000000026","Alpine","raw","bare",0,"d41d8cd98f00b204e9800998ecf8427e","active","private",False,"de000000000000000000000000000002","sha512","cf83e1357eefb8bd","[]"
"5eed0000-0000-4000-8000-000000000060","Debian 12, ""naïve"" 日本語","raw","bare",3145728,"b3ab9a2c30c286602995ebab22fc4ca7","active","private",False,"de000000000000000000000000000002","sha512","25f6303208178fbd","['lts', 'gold', 'a b']"
"5eed0000-0000-4000-8000-000000000021","","","","","","queued","private",False,"de000000000000000000000000000002","","","[]"
`.slice(1),
  'long value': `
5eed0000-0000-4000-8000-000000000026 Alpine raw bare 0 d41d8cd98f00b204e9800998ecf8427e active private False de000000000000000000000000000002 sha512 cf83e1357eefb8bd []
5eed0000-0000-4000-8000-000000000060 Debian 12, "naïve" 日本語 raw bare 3145728 b3ab9a2c30c286602995ebab22fc4ca7 active private False de000000000000000000000000000002 sha512 25f6303208178fbd ['lts', 'gold', 'a b']
5eed0000-0000-4000-8000-000000000021 None None None None None queued private False de000000000000000000000000000002 None None []
`.slice(1),
  noindent: `
[{"ID": "5eed0000-0000-4000-8000-000000000026", "Name": "Alpine", "Status": "active"}, {"ID": "5eed0000-0000-4000-8000-000000000060", "Name": "Debian 12, \\"na\\u00efve\\" \\u65e5\\u672c\\u8a9e", "Status": "active"}, {"ID": "5eed0000-0000-4000-8000-000000000021", "Name": null, "Status": "queued"}]
`.slice(1),
  narrow: `
+------------------------+------------------------+--------+
| ID                     | Name                   | Status |
+------------------------+------------------------+--------+
| 5eed0000-0000-4000-    | Alpine                 | active |
| 8000-000000000026      |                        |        |
| 5eed0000-0000-4000-    | Debian 12, "naïve" 日本語 | active |
| 8000-000000000060      |                        |        |
| 5eed0000-0000-4000-    | None                   | queued |
| 8000-000000000021      |                        |        |
+------------------------+------------------------+--------+
`.slice(1),
  'quote all': `
"ID","Name","Size","Protected","Tags"
"5eed0000-0000-4000-8000-000000000026","Alpine","0","False","[]"
"5eed0000-0000-4000-8000-000000000060","Debian 12, ""naïve"" 日本語","3145728","False","['lts', 'gold', 'a b']"
"5eed0000-0000-4000-8000-000000000021","","","False","[]"
`.slice(1),
  'quote minimal': `
ID,Name,Size,Protected,Tags
5eed0000-0000-4000-8000-000000000026,Alpine,0,False,[]
5eed0000-0000-4000-8000-000000000060,"Debian 12, ""naïve"" 日本語",3145728,False,"['lts', 'gold', 'a b']"
5eed0000-0000-4000-8000-000000000021,,,False,[]
`.slice(1),
  'quote none': `
ID,Name,Size,Protected,Tags
5eed0000-0000-4000-8000-000000000026,Alpine,0,False,[]
5eed0000-0000-4000-8000-000000000060,Debian 12\\, \\"naïve\\" 日本語,3145728,False,['lts'\\, 'gold'\\, 'a b']
5eed0000-0000-4000-8000-000000000021,,,False,[]
`.slice(1),
  'empty head': `
+----+------+--------+
| ID | Name | Status |
+----+------+--------+
+----+------+--------+
`.slice(1),
  'by size': `
None None
Debian 12, "naïve" 日本語 3145728
Alpine 0
`.slice(1),
  'show table': `
+------------------+--------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------+
| Field            | Value                                                                                                                                                                                                                                                                                |
+------------------+--------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------+
| checksum         | b3ab9a2c30c286602995ebab22fc4ca7                                                                                                                                                                                                                                                     |
| container_format | bare                                                                                                                                                                                                                                                                                 |
| created_at       | 2026-02-01T01:00:00Z                                                                                                                                                                                                                                                                 |
| disk_format      | raw                                                                                                                                                                                                                                                                                  |
| file             | /v2/images/5eed0000-0000-4000-8000-000000000060/file                                                                                                                                                                                                                                 |
| id               | 5eed0000-0000-4000-8000-000000000060                                                                                                                                                                                                                                                 |
| min_disk         | 0                                                                                                                                                                                                                                                                                    |
| min_ram          | 0                                                                                                                                                                                                                                                                                    |
| name             | Debian 12, "naïve" 日本語                                                                                                                                                                                                                                                            |
| owner            | de000000000000000000000000000002                                                                                                                                                                                                                                                     |
| properties       | colon:key='a:b=c,d;e', description='naïve ☃ 日本語', direct_url='rbd://pool/1', empty='', hw_boot_menu='True', hw_cpu_cores='2', instance_type_rxtx_factor='2.0', json='{"a": [1, "it's"]}', locations='[{'url': 'rbd://pool/1', 'metadata': {'store': 'fast'}}]', multi_line='first |
|                  | second third', number='007', os_hash_algo='sha512', os_hash_value='25f6303208178fbd', os_hidden='False', stores='fast,slow'                                                                                                                                                          |
| protected        | False                                                                                                                                                                                                                                                                                |
| schema           | /v2/schemas/image                                                                                                                                                                                                                                                                    |
| size             | 3145728                                                                                                                                                                                                                                                                              |
| status           | active                                                                                                                                                                                                                                                                               |
| tags             | a b, gold, lts                                                                                                                                                                                                                                                                       |
| updated_at       | 2026-02-01T01:00:30Z                                                                                                                                                                                                                                                                 |
| virtual_size     | 3145728                                                                                                                                                                                                                                                                              |
| visibility       | private                                                                                                                                                                                                                                                                              |
+------------------+--------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------+
`.slice(1),
  'show json': `
{
  "checksum": "b3ab9a2c30c286602995ebab22fc4ca7",
  "container_format": "bare",
  "created_at": "2026-02-01T01:00:00Z",
  "disk_format": "raw",
  "file": "/v2/images/5eed0000-0000-4000-8000-000000000060/file",
  "id": "5eed0000-0000-4000-8000-000000000060",
  "min_disk": 0,
  "min_ram": 0,
  "name": "Debian 12, \\"na\\u00efve\\" \\u65e5\\u672c\\u8a9e",
  "owner": "de000000000000000000000000000002",
  "properties": {
    "os_hidden": false,
    "os_hash_algo": "sha512",
    "os_hash_value": "25f6303208178fbd",
    "description": "na\\u00efve \\u2603 \\u65e5\\u672c\\u8a9e",
    "colon:key": "a:b=c,d;e",
    "json": "{\\"a\\": [1, \\"it's\\"]}",
    "multi_line": "first\\nsecond third",
    "number": "007",
    "empty": "",
    "stores": "fast,slow",
    "locations": [
      {
        "url": "rbd://pool/1",
        "metadata": {
          "store": "fast"
        }
      }
    ],
    "direct_url": "rbd://pool/1",
    "instance_type_rxtx_factor": 2.0,
    "hw_cpu_cores": 2,
    "hw_boot_menu": true
  },
  "protected": false,
  "schema": "/v2/schemas/image",
  "size": 3145728,
  "status": "active",
  "tags": [
    "lts",
    "gold",
    "a b"
  ],
  "updated_at": "2026-02-01T01:00:30Z",
  "virtual_size": 3145728,
  "visibility": "private"
}
`.slice(1),
  'show yaml': `
checksum: b3ab9a2c30c286602995ebab22fc4ca7
container_format: bare
created_at: '2026-02-01T01:00:00Z'
disk_format: raw
file: /v2/images/5eed0000-0000-4000-8000-000000000060/file
id: 5eed0000-0000-4000-8000-000000000060
min_disk: 0
min_ram: 0
name: "Debian 12, \\"na\\xEFve\\" \\u65E5\\u672C\\u8A9E"
owner: de000000000000000000000000000002
properties:
  colon:key: a:b=c,d;e
  description: "na\\xEFve \\u2603 \\u65E5\\u672C\\u8A9E"
  direct_url: rbd://pool/1
  empty: ''
  hw_boot_menu: true
  hw_cpu_cores: 2
  instance_type_rxtx_factor: 2.0
  json: '{"a": [1, "it''s"]}'
  locations:
  - metadata:
      store: fast
    url: rbd://pool/1
  multi_line: 'first

    second third'
  number: '007'
  os_hash_algo: sha512
  os_hash_value: 25f6303208178fbd
  os_hidden: false
  stores: fast,slow
protected: false
schema: /v2/schemas/image
size: 3145728
status: active
tags:
- lts
- gold
- a b
updated_at: '2026-02-01T01:00:30Z'
virtual_size: 3145728
visibility: private
`.slice(1),
  'show value': `
b3ab9a2c30c286602995ebab22fc4ca7
bare
2026-02-01T01:00:00Z
raw
/v2/images/5eed0000-0000-4000-8000-000000000060/file
5eed0000-0000-4000-8000-000000000060
0
0
Debian 12, "naïve" 日本語
de000000000000000000000000000002
{'os_hidden': False, 'os_hash_algo': 'sha512', 'os_hash_value': '25f6303208178fbd', 'description': 'naïve ☃ 日本語', 'colon:key': 'a:b=c,d;e', 'json': '{"a": [1, "it\\'s"]}', 'multi_line': 'first\\nsecond third', 'number': '007', 'empty': '', 'stores': 'fast,slow', 'locations': [{'url': 'rbd://pool/1', 'metadata': {'store': 'fast'}}], 'direct_url': 'rbd://pool/1', 'instance_type_rxtx_factor': 2.0, 'hw_cpu_cores': 2, 'hw_boot_menu': True}
False
/v2/schemas/image
3145728
active
['lts', 'gold', 'a b']
2026-02-01T01:00:30Z
3145728
private
`.slice(1),
  'show shell': `
checksum="b3ab9a2c30c286602995ebab22fc4ca7"
container_format="bare"
created_at="2026-02-01T01:00:00Z"
disk_format="raw"
file="/v2/images/5eed0000-0000-4000-8000-000000000060/file"
id="5eed0000-0000-4000-8000-000000000060"
min_disk="0"
min_ram="0"
name="Debian 12, \\"naïve\\" 日本語"
owner="de000000000000000000000000000002"
properties="{'os_hidden': False, 'os_hash_algo': 'sha512', 'os_hash_value': '25f6303208178fbd', 'description': 'naïve ☃ 日本語', 'colon:key': 'a:b=c,d;e', 'json': '{\\"a\\": [1, \\"it\\'s\\"]}', 'multi_line': 'first\\nsecond third', 'number': '007', 'empty': '', 'stores': 'fast,slow', 'locations': [{'url': 'rbd://pool/1', 'metadata': {'store': 'fast'}}], 'direct_url': 'rbd://pool/1', 'instance_type_rxtx_factor': 2.0, 'hw_cpu_cores': 2, 'hw_boot_menu': True}"
protected="False"
schema="/v2/schemas/image"
size="3145728"
status="active"
tags="['lts', 'gold', 'a b']"
updated_at="2026-02-01T01:00:30Z"
virtual_size="3145728"
visibility="private"
`.slice(1),
  'show queued': `
+------------+------------------------------------------------------+
| Field      | Value                                                |
+------------+------------------------------------------------------+
| created_at | 2026-02-01T00:21:00Z                                 |
| file       | /v2/images/5eed0000-0000-4000-8000-000000000021/file |
| id         | 5eed0000-0000-4000-8000-000000000021                 |
| min_disk   | 0                                                    |
| min_ram    | 0                                                    |
| owner      | de000000000000000000000000000002                     |
| properties | os_hidden='False'                                    |
| protected  | False                                                |
| schema     | /v2/schemas/image                                    |
| status     | queued                                               |
| tags       |                                                      |
| updated_at | 2026-02-01T00:21:30Z                                 |
| visibility | private                                              |
+------------+------------------------------------------------------+
`.slice(1),
  'show narrow': `
+------------------+---------------------------------------+
| Field            | Value                                 |
+------------------+---------------------------------------+
| checksum         | b3ab9a2c30c286602995ebab22fc4ca7      |
| container_format | bare                                  |
| created_at       | 2026-02-01T01:00:00Z                  |
| disk_format      | raw                                   |
| file             | /v2/images/5eed0000-0000-4000-8000-   |
|                  | 000000000060/file                     |
| id               | 5eed0000-0000-4000-8000-000000000060  |
| min_disk         | 0                                     |
| min_ram          | 0                                     |
| name             | Debian 12, "naïve" 日本語             |
| owner            | de000000000000000000000000000002      |
| properties       | colon:key='a:b=c,d;e',                |
|                  | description='naïve ☃ 日本語',         |
|                  | direct_url='rbd://pool/1', empty='',  |
|                  | hw_boot_menu='True',                  |
|                  | hw_cpu_cores='2',                     |
|                  | instance_type_rxtx_factor='2.0',      |
|                  | json='{"a": [1, "it's"]}',            |
|                  | locations='[{'url': 'rbd://pool/1',   |
|                  | 'metadata': {'store': 'fast'}}]',     |
|                  | multi_line='first                     |
|                  | second third', number='007',          |
|                  | os_hash_algo='sha512',                |
|                  | os_hash_value='25f6303208178fbd',     |
|                  | os_hidden='False', stores='fast,slow' |
| protected        | False                                 |
| schema           | /v2/schemas/image                     |
| size             | 3145728                               |
| status           | active                                |
| tags             | a b, gold, lts                        |
| updated_at       | 2026-02-01T01:00:30Z                  |
| virtual_size     | 3145728                               |
| visibility       | private                               |
+------------------+---------------------------------------+
`.slice(1),
} as const;
