// What `openstack image list` printed for the images of recorded.ts.
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
} as const;
