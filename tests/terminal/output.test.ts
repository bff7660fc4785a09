import { execFileSync } from "node:child_process";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createOutput } from "../../src/terminal/output.ts";
import { temporaryFolder } from "../state/temporary-folder.ts";

function noStream(): never {
  throw new Error("a stream is for terminals only");
}

function open(path: string): { fd: number; codes: (string | undefined)[] } {
  const fd = openSync(path, "w");
  onTestFinished(() => closeSync(fd));
  return { fd, codes: [] };
}

describe("an output that is no terminal", () => {
  it("writes whole texts before it returns", async () => {
    const path = join(await temporaryFolder(), "file");
    const { fd } = open(path);
    const output = createOutput(fd, noStream, () => {});
    output.write("häuser\n");
    output.write("x".repeat(1_000_000));
    expect(readFileSync(path, "utf8")).toBe(`häuser\n${"x".repeat(1_000_000)}`);
    expect([output.isTTY, output.columns(), output.rows()]).toEqual([false, 0, 0]);
  });

  it("takes /dev/null for none", () => {
    const { fd } = open("/dev/null");
    expect(createOutput(fd, noStream, () => {}).isTTY).toBe(false);
  });

  it.each([
    ["a full disk", () => open("/dev/full").fd, "ENOSPC"],
    ["a descriptor that is closed", () => 9999, "EBADF"],
  ])("throws nothing for %s, and tells of it", (_, fd, code) => {
    const codes: unknown[] = [];
    createOutput(fd(), noStream, (error) => codes.push(error.code)).write("lost\n");
    expect(codes).toEqual([code]);
  });
});

it("is Node's stream once a reader may stall, for what was written after it did", async () => {
  const folder = temporaryFolder();
  execFileSync("mkfifo", [join(folder, "fifo")]);
  const fd = openSync(join(folder, "fifo"), "r+");
  onTestFinished(() => closeSync(fd));
  const written: string[] = [];
  const stream = { write: (text: string) => written.push(text), on: () => {} };
  const output = createOutput(
    fd,
    () => stream as never,
    () => {},
  );
  output.write("at once\n");
  output.letReaderStall();
  output.write("in its time\n");
  const there = Buffer.alloc(100);
  expect(there.toString("utf8", 0, readSync(fd, there))).toBe("at once\n");
  expect(written).toEqual(["in its time\n"]);
});

it("goes on writing to files itself: they don't stall", () => {
  const path = join(temporaryFolder(), "file");
  const { fd } = open(path);
  const output = createOutput(fd, noStream, () => {});
  output.letReaderStall();
  output.write("a line\n");
  expect(readFileSync(path, "utf8")).toBe("a line\n");
});

// A terminal itself is met in tests/commands/progress.test.ts.
it("asks Node's stream for what may be a terminal", () => {
  const { fd } = open("/dev/ptmx");
  const written: string[] = [];
  const stream = { isTTY: true, columns: 132, rows: 50, write: (text: string) => written.push(text) };
  const output = createOutput(
    fd,
    () => ({ ...stream, on: () => {} }) as never,
    () => {},
  );
  output.write("to the stream");
  expect([output.isTTY, output.columns(), output.rows(), written]).toEqual([
    true,
    132,
    50,
    ["to the stream"],
  ]);
});
