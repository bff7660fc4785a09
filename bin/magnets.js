#!/usr/bin/env node
// No syntax newer than Node 12's: an old Node must get as far as the sentence below.
var version = process.versions.node.split(".").map(Number);
if (version[0] > 20 || (version[0] === 20 && version[1] >= 19)) {
  if (process.argv.length === 3 && /^(-V|--version)$/.test(process.argv[2])) {
    // Asked by scripts over and over: not worth loading a program for.
    console.log(require("../package.json").version);
  } else {
    keepCompiled(process.env);
    require("../dist/cli.cjs");
  }
} else {
  console.error(
    "magnets needs Node.js 20.19 or newer, and this is " +
      process.versions.node +
      ". See https://nodejs.org/en/download",
  );
  process.exitCode = 1;
}

// Node 22.1 and newer can keep what they compiled, which saves a third of the start. In the caller's own cache
// folder: Node's default is a name in /tmp that anybody can take first. Root, whose home sudo may leave another's, takes
// only what nobody else can have put there.
function keepCompiled(env) {
  // Asking Node 20 would take a twentieth of its start.
  if (version[0] < 22 || env.NODE_COMPILE_CACHE || !env.HOME) return;
  if (process.getuid() === 0 && (env.XDG_CACHE_HOME || !isRootsAlone(env.HOME))) return;
  var enable = require("node:module").enableCompileCache;
  if (enable) enable(`${env.XDG_CACHE_HOME || `${env.HOME}/.cache`}/magnets`);
}

function isRootsAlone(folder) {
  try {
    const stat = require("node:fs").statSync(folder);
    return stat.uid === 0 && (stat.mode & 0o077) === 0;
  } catch (_error) {
    return false;
  }
}
