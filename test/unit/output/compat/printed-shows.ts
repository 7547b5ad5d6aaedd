// What `openstack image show` printed for the images of recorded.ts.
export const printed = {
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
