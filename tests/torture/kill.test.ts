import { join } from "node:path";
import { it } from "vitest";
import { amount } from "./amount.ts";
import { check, openField, readOr, settle } from "./kill-field.ts";

it("SIGKILL at random moments of busy sweeps", async () => {
  const kills = amount(50, 1000);
  const field = await openField();
  field.round();
  await field.sweep();
  let [killed, ended, most] = [0, 0, 0];
  while (killed < kills) {
    field.round();
    // From before its first line of code to where a busy one ends.
    const end = await field.sweep({ killAfterMs: 50 + Math.random() * 2_500 });
    if (end.code === null) killed++;
    else ended++;
    check(field, `after ${killed} kills`);
    const open = JSON.parse(readOr(join(field.state, "intents.json"), '{"intents":[]}')).intents.length;
    most = Math.max(most, open);
    if (killed % 10 === 0) await field.sweep();
  }
  await settle(field);
  const twice = field.announced().length - new Set(field.announced()).size;
  console.log(
    `${killed} kills (${ended} sweeps were quicker); ${field.deleted().length} deletions, each recorded once and announced, ${twice} of them twice; at most ${most} intents were open after a kill`,
  );
  await field.close();
});
