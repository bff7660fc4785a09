import { expect, it } from "vitest";
import { actionPainter, createColors } from "../../src/terminal/screen.ts";

const RED = "\u001b[31m";
const YELLOW = "\u001b[33m";
const END = "\u001b[39m";

it.each([
  ['main: "A.mkv" (12) deleted: sighting 5 of 5', `main: "A.mkv" (12) ${RED}deleted${END}: sighting 5 of 5`],
  ["main: magnet 12 restarted: sighting 1 of 5", `main: magnet 12 ${YELLOW}restarted${END}: sighting 1 of 5`],
  ['main: "A" (1) would be deleted: x', `main: "A" (1) would be ${RED}deleted${END}: x`],
  // A name that looks like a line of the log.
  ['main: "A (1) deleted: B" (2) restarted: x', `main: "A (1) deleted: B" (2) ${YELLOW}restarted${END}: x`],
  ["Discord accepted 1 notification", "Discord accepted 1 notification"],
])("paints the action in %j", async (line, painted) => {
  expect(actionPainter(createColors(true))(line)).toBe(painted);
  expect(actionPainter(createColors(false))(line)).toBe(line);
});
