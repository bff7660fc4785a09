#!/usr/bin/env node
// No syntax newer than Node 12's: an old Node must get as far as the sentence below.
var version = process.versions.node.split(".").map(Number);
if (version[0] > 18 || (version[0] === 18 && version[1] >= 19)) {
  require("../dist/cli.cjs");
} else {
  console.error(
    "magnets needs Node.js 18.19 or newer, and this is " +
      process.versions.node +
      ". See https://nodejs.org/en/download",
  );
  process.exitCode = 1;
}
