#!/usr/bin/env node
'use strict';
// Starts the bundled program. CommonJS like the bundle itself, which Node loads faster than modules; see bin/bundle.mjs.
const fs = require('node:fs');
const path = require('node:path');

const program = path.join(__dirname, '..', 'dist', 'program', 'main.js');
if (fs.existsSync(program)) {
  require(program).main();
} else {
  process.stderr.write('error: glance-cli is not built yet: run npm run build\n');
  process.exitCode = 2;
}
