import { describe, expect, it } from "vitest";
import { createSaver } from "../../src/state/state-file.ts";

/** Writes of the present state that end when the test says so. */
function controlledWrites(present: () => string) {
  const writes: { text: string; end: () => void; fail: (error: Error) => void }[] = [];
  const write = () =>
    new Promise<void>((resolve, fail) => {
      writes.push({ text: present(), end: resolve, fail });
    });
  return { writes, write };
}

/** Lets everything that needs no event from outside happen. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("createSaver", () => {
  it("shares one write among calls side by side", async () => {
    const { writes, write } = controlledWrites(() => "a");
    const save = createSaver(write);
    const both = Promise.all([save(), save()]);
    await settled();
    expect(writes).toHaveLength(1);
    writes[0]?.end();
    await both;
  });

  it("writes again for what changed during a write, and only then answers", async () => {
    let state = "a";
    const { writes, write } = controlledWrites(() => state);
    const save = createSaver(write);
    const first = save();
    await settled();
    state = "b";
    let done = false;
    const second = save().then(() => {
      done = true;
    });
    state = "c";
    const third = save();
    writes[0]?.end();
    await first;
    await settled();
    expect(done).toBe(false);
    expect(writes.map(({ text }) => text)).toEqual(["a", "c"]);
    writes[1]?.end();
    await Promise.all([second, third]);
    expect(done).toBe(true);
  });

  it("tells everybody who waited of a failure, and tries again at the next call", async () => {
    const { writes, write } = controlledWrites(() => "new");
    const save = createSaver(write);
    const calls = Promise.allSettled([save(), save()]);
    await settled();
    writes[0]?.fail(new Error("full"));
    expect((await calls).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    const again = save();
    await settled();
    writes[1]?.end();
    await again;
    expect(writes.map(({ text }) => text)).toEqual(["new", "new"]);
  });
});
