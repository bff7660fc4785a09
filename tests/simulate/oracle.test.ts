import { expect, test } from "vitest";
import { RULES, type Rule } from "./rules.ts";
import { DAY, FAILING, HALF_AN_HOUR, HASH, ID, OTHER_HASH, Script } from "./script.ts";

const rightful = () => new Script().first().second().delete().recorded().posted().end();

test("a rightful deletion, recorded and announced, breaks no rule", () => {
  expect(rightful().verdict()).toEqual([]);
});

const BROKEN: readonly (readonly [Rule, string, () => Script])[] = [
  [
    "deleted before max_retries failures in a row",
    "it was ready in between",
    () => {
      const ready = { ...FAILING, code: 4, text: "Ready" };
      const script = new Script().first().begin([]).asked(ready).end();
      return script.begin().counted(2).asked().intended().delete().recorded().posted().end();
    },
  ],
  [
    "deleted before max_retries failures in a row",
    "one of its sightings says that it is downloading",
    () => {
      const working = { ...FAILING, code: 1, text: "Downloading" };
      const script = new Script().begin([working]).counted(1).restart().end();
      return script.second().delete().recorded().posted().end();
    },
  ],
  [
    "deleted before max_retries failures in a row",
    "the other list did not answer, and has the higher limit",
    () => {
      const script = new Script({ maxRetries: { expired: 3, error: 2 } }).first();
      script.add(
        { kind: "sweep", cap: 0, keys: [{ account: "alice", key: "key" }], calm: false },
        HALF_AN_HOUR,
      );
      return script.list("error", [FAILING]).counted(3).asked().intended().delete().recorded().posted().end();
    },
  ],
  ...["MAGNET_PROCESSING_COOLDOWN", "GENERIC", "ACCOUNT_INVALID", "MAGNET_TOO_MANY_ACTIVE", "NEW"].map(
    (code) =>
      [
        "deleted without a real chance",
        `its restart was refused with ${code}`,
        () => {
          const script = new Script().begin().counted(1).restart(code).end();
          return script.second().delete().recorded().posted().end();
        },
      ] as const,
  ),
  [
    "deleted after a gap without a chance",
    "two days lie between",
    () => {
      const script = new Script().first().begin([FAILING], { after: 2 * DAY });
      return script.counted(2).asked().intended().delete().recorded().posted().end();
    },
  ],
  [
    "deleted before min_failing_hours",
    "half an hour of two",
    () => new Script({ minFailingHours: 2 }).first().second().delete().recorded().posted().end(),
  ],
  [
    "deleted though protected",
    "by its hash",
    () => new Script({ protects: ({ hash }) => hash === HASH }).first().second().delete().recorded().posted(),
  ],
  [
    "deleted without being asked for by id",
    "in this sweep",
    () => new Script().first().begin().counted(2).intended().delete().recorded().posted().end(),
  ],
  [
    "deleted though not failing",
    "it was found downloading",
    () => {
      const script = new Script()
        .first()
        .begin()
        .counted(2)
        .asked({ ...FAILING, code: 1 });
      return script.intended().delete().recorded().posted().end();
    },
  ],
  [
    "deleted though the id is another torrent's",
    "with the old one's counter",
    () => {
      const script = new Script().first().gone("hand");
      script.add({ kind: "there", account: "alice", id: ID, hash: OTHER_HASH, name: "Other", again: false });
      const other = { ...FAILING, hash: OTHER_HASH };
      script.begin([other]).counted(2).asked(other).intended().delete();
      return script.recorded(OTHER_HASH).posted().end();
    },
  ],
  [
    "deleted over the cap",
    "one, where two are due with a cap of one",
    () => {
      const second = { ...FAILING, id: "400000002", hash: OTHER_HASH };
      const both = JSON.stringify({ [ID]: { fails: 2 }, [second.id]: { fails: 2 } });
      const heard = { kind: "heard restart", account: "alice", outcome: "accepted", certain: true } as const;
      const script = new Script().begin([FAILING, second]).counted(1).restart();
      script
        .add({ ...heard, id: second.id })
        .end()
        .begin([FAILING, second], { cap: 1 });
      script.files.set("retry_counts.json", both);
      return script.asked().intended().delete().recorded().posted().end();
    },
  ],
  [
    "deleted without an intent on disk",
    "none was written",
    () => new Script().first().begin().counted(2).asked().delete().recorded().posted().end(),
  ],
  [
    "done before it was counted on disk",
    "the disk still has one",
    () => new Script().first().begin().counted(1).asked().intended().delete().recorded().posted().end(),
  ],
  [
    "restarted though the cap holds it",
    "two are due with a cap of one",
    () => {
      const second = { ...FAILING, id: "400000002", hash: OTHER_HASH };
      const both = JSON.stringify({ [ID]: { fails: 2 }, [second.id]: { fails: 2 } });
      const script = new Script().begin([FAILING, second]);
      script.files.set("retry_counts.json", both.replaceAll("2}", "1}"));
      script.restart();
      const heard = { kind: "heard restart", account: "alice", outcome: "accepted", certain: true } as const;
      script
        .add({ ...heard, id: second.id })
        .end()
        .begin([FAILING, second], { cap: 1 });
      script.files.set("retry_counts.json", both);
      return script.restart().end();
    },
  ],
  [
    "counted more often than seen",
    "twice in one sweep, by two keys of the account",
    () => new Script().begin().counted(2).restart().end(),
  ],
  ["counter lost", "with a new key", () => new Script().first().begin().restart().end()],
  [
    "held up by another account's trouble",
    "two minutes",
    () => {
      const script = rightful().begin([]);
      const sent = { kind: "sent", endpoint: "list", ids: [] } as const;
      script.add({ ...sent, request: 90, account: "bob" });
      script.add({ kind: "trouble", account: "bob", what: "429" });
      return script.add({ ...sent, request: 91, account: "alice" }, 120).end();
    },
  ],
  [
    "waited for longer than half a minute",
    "as AllDebrid asked",
    () => {
      const script = rightful().begin([]).add({ kind: "asked to wait", account: "alice", seconds: 60 });
      return script.add({ kind: "sent", endpoint: "list", ids: [], request: 90, account: "alice" }, 60).end();
    },
  ],
  [
    "not recorded",
    "a vague response, carried out a minute later",
    () => {
      const script = new Script().first().second().delete("vague").end().gone("program").posted();
      script.files.set("retry_counts.json", "{}");
      return script;
    },
  ],
  ["not announced", "though recorded", () => new Script().first().second().delete().recorded().end()],
  [
    "recorded, never happened",
    "the deletion was refused and the magnet is still there",
    () => new Script().first().second().delete("refused").recorded().end(),
  ],
  ["recorded twice", "two lines", () => rightful().recorded()],
  [
    "announced, never happened",
    "a vague response, and the magnet is still there",
    () => new Script().first().second().delete("vague").posted().end(),
  ],
  ["announced twice", "no death and no lost response in between", () => rightful().begin([]).posted().end()],
  [
    "notice left over",
    "after all",
    () => {
      const script = rightful();
      script.files.set("outbox.json", '{"version":1,"pending":[{}]}');
      return script;
    },
  ],
  [
    "more than 12 requests in a second",
    "thirteen",
    () => {
      const script = rightful();
      for (let n = 0; n < 13; n++) script.add({ kind: "arrived", request: n }, 0.07);
      return script;
    },
  ],
  [
    "more than 600 requests in a minute",
    "601, evenly",
    () => {
      const script = rightful();
      for (let n = 0; n < 601; n++) script.add({ kind: "arrived", request: n }, 0.0995);
      return script;
    },
  ],
  [
    "sweep without an end",
    "21 minutes",
    () => rightful().begin([]).add({ kind: "end", how: "endless", seconds: 1260, detail: "" }),
  ],
  [
    "bug",
    "thrown",
    () => rightful().begin([]).add({ kind: "end", how: "bug", seconds: 1, detail: "TypeError" }),
  ],
];

// One mistake may break several rules.
test.each(BROKEN)("%s: %s", (rule, _, script) => {
  expect(script().verdict()).toContain(rule);
});

test("each rule is broken by one of these", () => {
  const isElsewhere = (rule: Rule) => rule === "stuck" || rule.includes("Sonarr");
  expect(RULES.filter((rule) => !isElsewhere(rule) && !BROKEN.some(([broken]) => broken === rule))).toEqual(
    [],
  );
});

test("stuck: it is due, held by nothing, and still there", () => {
  const still = [{ id: ID, hash: HASH, name: "Example" }];
  expect(new Script().first().verdict(still)).toEqual(["stuck"]);
  expect(new Script({ protects: () => true }).first().verdict(still)).toEqual([]);
});

test("the second sighting after a gap may delete, once a restart in between was a real chance", () => {
  const afterGap = () =>
    new Script()
      .first()
      .begin([FAILING], { after: 2 * DAY })
      .counted(2);
  const deleted = (script: Script) => script.second().counted(3).delete().recorded().posted().end().verdict();
  expect(deleted(afterGap().restart("MAGNET_TOOK_TOO_LONG").end())).toEqual([]);
  expect(deleted(afterGap().restart("GENERIC").end())).toEqual(["deleted after a gap without a chance"]);
});

test("a chance that an old list of ready magnets may have made the program forget makes nothing due beyond doubt", () => {
  const magnets = [FAILING, { ...FAILING, id: "400000002", hash: OTHER_HASH }];
  const heard = { kind: "heard restart", account: "alice", certain: true } as const;
  const script = new Script();
  const begin = (fails: number, cap?: number) => {
    script.begin(magnets, { cap });
    script.files.set("retry_counts.json", JSON.stringify({ [ID]: { fails }, 400000002: { fails } }));
    return script;
  };
  begin(1).restart();
  script.add({ ...heard, id: "400000002", outcome: "accepted" });
  const ready = magnets.map((magnet) => ({ ...magnet, code: 4, text: "Ready" }));
  const list = { kind: "heard list", account: "alice", list: "ready", magnets: ready } as const;
  script.add({ ...list, fresh: false, certain: true }).end();
  begin(1).end();
  expect(begin(2, 1).restart().end().verdict()).toEqual([]);
});

test("a deletion that was confirmed and not carried out is sent again, not told again", () => {
  const again = () => {
    const script = new Script().first().second();
    const request = 50;
    script.add({ kind: "sent", request, account: "alice", endpoint: "delete", ids: [ID], hash: HASH });
    script.add({
      kind: "delete answered",
      request,
      account: "alice",
      id: ID,
      outcome: "success",
      heard: true,
    });
    return script.recorded().posted().end().begin().asked().delete().end();
  };
  expect(again().verdict()).toEqual([]);
  expect(again().posted().verdict()).toEqual(["announced twice"]);
  expect(again().begin().counted(1).end().verdict()).toEqual(["counted more often than seen"]);
  // After a sweep in which both lists came without it, it is a new one.
  expect(again().begin([]).end().begin().counted(1).end().verdict()).toEqual([]);
});

test("gone after a vague response may be told, whoever removed it", () => {
  const script = new Script().first().second().delete("vague").end().gone("hand");
  expect(script.begin([]).asked("gone").recorded().posted().end().verdict()).toEqual([]);
});

test("a message whose response was lost may come twice", () => {
  const script = new Script().first().second().delete().recorded();
  script.add({ kind: "posted", ids: [ID], heard: false });
  expect(script.posted().end().verdict()).toEqual([]);
});
