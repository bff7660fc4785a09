import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import type { AccountStatus, StatusView } from "../../src/core/status.ts";
import type { TrackedMagnet } from "../../src/core/tracked-magnets.ts";
import { renderStatus } from "../../src/terminal/render-status.ts";
import { createColors, symbolsFor } from "../../src/terminal/screen.ts";

const NOW = Date.parse("2026-11-23T12:00:00.000Z");
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();

const LOOKS = { colors: createColors(false), symbols: symbolsFor({}) };
const PLAIN = { ...LOOKS, command: "magnets", columns: undefined, rows: undefined };
const terminal = (columns: number, rows = 200) => ({ ...LOOKS, command: "magnets", columns, rows });

function magnet(given: Partial<TrackedMagnet> = {}): TrackedMagnet {
  return {
    id: "403207301",
    account: "main",
    filename: "Sintel.2010.1080p.mkv",
    size: 1e9,
    status: "error",
    status_text: "No peer after 30 minutes",
    fails: 3,
    max_retries: 5,
    failing_since: ago(100),
    last_seen: ago(12),
    held: null,
    next: "restart",
    held_by: null,
    next_reason: "sighting 4 of 5 in error",
    refused: null,
    ...given,
  };
}

function account(given: Partial<AccountStatus> = {}): AccountStatus {
  return {
    name: "main",
    configured: true,
    former: false,
    ok: true,
    error: null,
    trouble: null,
    premium_until: null,
    premium_ending: false,
    failing: 0,
    due: 0,
    ...given,
  };
}

function view(given: Partial<StatusView> = {}): StatusView {
  return {
    version: 1,
    generated_at: new Date(NOW).toISOString(),
    last_sweep: {
      started_at: ago(12),
      finished_at: ago(12),
      exit_code: 0,
      failing: 3,
      restarted: 2,
      deleted: 1,
      held: 0,
      failed: 0,
      forgotten: 0,
      accounts: [],
    },
    configured: true,
    timer: null,
    next_sweep_expected: ago(-18),
    cycle_seconds: 1800,
    overdue: false,
    accounts: [account()],
    magnets: [],
    held: [],
    waiting_in_vain: [],
    still_there: [],
    trend: [],
    last_deletions: [],
    arrs: [],
    pending_notifications: 0,
    dead_webhook: null,
    blocked_webhook: null,
    ...given,
  };
}

const DUE = magnet({ id: "1", fails: 4, next: "delete", filename: "Due.mkv" });
const HELD = magnet({ id: "2", fails: 5, next: "held", held_by: "protect", filename: "Kept.iso" });
const LONG = magnet({ id: "3", fails: 1, filename: `千と千尋の神隠し 😀👍🏽 ${"long".repeat(30)}` });
const BUSY = view({
  accounts: [account({ failing: 2, due: 1 }), account({ name: "spare" })],
  magnets: [DUE, HELD, LONG],
  held: [{ rule: "protect", count: 1 }],
  arrs: [
    {
      name: "sonarr",
      waiting: 0,
      last_told: { at: ago(90), filename: `Show ${"long".repeat(30)} 千と千尋の神隠し` },
    },
    { name: "films (no longer configured)", waiting: 3, last_told: null },
  ],
  trend: [3, 0, 6].map((failing) => ({ finished_at: ago(30), failing })),
  last_deletions: [
    {
      id: "9",
      account: "main",
      filename: `Old.${"x".repeat(200)}`,
      size: null,
      deleted_at: ago(3000),
      magnet: null,
    },
  ],
});

describe("what status says of the next sweep", () => {
  const START = "To start it, run sudo systemctl enable --now magnets.timer";
  const lines = (given: Partial<StatusView>, command = "magnets") =>
    renderStatus(view({ magnets: [], ...given }), { ...PLAIN, command });
  const inactive = { timer: { active: false, remedy: START }, next_sweep_expected: null };

  it("is a promise where the timer is active", () => {
    const active = { timer: { active: true, remedy: null } };
    expect(lines(active)[1]).toMatch(/; the next in about 18 min$/);
    expect(lines({ ...active, last_sweep: null })[1]).toBe(
      "No sweep yet: the first is started in about 18 min",
    );
  });

  it("is nothing where it is not: what starts it is said instead", () => {
    const said = lines(inactive).join("\n");
    expect(said).toMatch(`✗ Nothing starts sweeps: magnets.timer is not active. ${START}`);
    expect(said).not.toContain("the next");
    const late = lines({ ...inactive, overdue: true }).join("\n");
    expect(late).toContain(START);
    expect(late).not.toContain("Overdue");
    expect(lines({ ...inactive, last_sweep: null }, "sudo magnets")).toEqual([
      "No magnet is known to fail",
      "No sweep yet: start one with sudo magnets run-once",
      "",
      `! Nothing starts sweeps: magnets.timer is not active. ${START}`,
    ]);
  });

  it("is not asked for without a configuration", () => {
    const said = lines({ configured: false, last_sweep: null, next_sweep_expected: null }).join("\n");
    expect(said).toMatch(/✗ No configuration was found: /);
    expect(said).not.toContain("start one");
  });
});

describe("renderStatus, piped", () => {
  it("says first that all is well", () => {
    expect(renderStatus(view(), PLAIN)).toEqual([
      "No magnet is failing",
      "Last sweep 12 min ago: 2 restarted, 1 deleted; the next is expected in about 18 min",
    ]);
  });

  it("says how to start", () => {
    const lines = renderStatus(view({ last_sweep: null, next_sweep_expected: null }), PLAIN);
    expect(lines).toEqual(["No magnet is known to fail", "No sweep yet: start one with magnets run-once"]);
  });

  it("groups by account and shows what comes next, without pictures", () => {
    expect(renderStatus({ ...BUSY, arrs: [], magnets: [DUE, HELD], last_deletions: [] }, PLAIN)).toEqual([
      "2 magnets are failing, 1 due for deletion, 1 held back",
      "Last sweep 12 min ago: 2 restarted, 1 deleted; the next is expected in about 18 min",
      "Failing: 6 now, 6 at most in the last 3 sweeps",
      "",
      "  FAILS  NAME      ALLDEBRID SAYS            FOR  ID  NEXT",
      "main: 2 failing",
      "  4/5    Due.mkv   No peer after 30 minutes  1 h  1   DELETE",
      "  5/5    Kept.iso  No peer after 30 minutes  1 h  2   held: protected",
      "spare: nothing failing",
      "",
      "Held back",
      "  protected (1): listed in protect, never deleted",
    ]);
  });

  it("lets a long name widen no table, and colours nothing", () => {
    const lines = renderStatus(BUSY, PLAIN);
    const tables = lines.slice(0, lines.indexOf("Sonarr and Radarr"));
    for (const line of tables) expect(stringWidth(line)).toBeLessThanOrEqual(120);
    const text = lines.join("\n");
    expect(text).toMatch(/(long){8,}l?o?n?g?…/);
    expect(text).toMatch(/x{40,}…/);
    expect(text).not.toMatch(/[\u001b█░▁▂▃▄▅▆▇]/);
  });

  it("says what more failures than max_retries are, and which cap holds", () => {
    const capped = magnet({ fails: 7, next: "held", held_by: "max_deletes_per_run" });
    const held: StatusView["held"] = [{ rule: "max_deletes_per_run", count: 1 }];
    const text = renderStatus(view({ magnets: [capped], held }), PLAIN).join("\n");
    expect(text).toMatch(/^ {2}7 \(max 5\) .* held: over the cap$/m);
    expect(text).toMatch(/^ {2}over the cap \(1\): more are due than max_deletes_per_run allows/m);
  });

  it.each([
    [130, {}, "stopped by SIGINT (Ctrl-C): 2 restarted, 1 deleted, 40 not started"],
    [143, { restarted: 0, deleted: 0, not_started: 0 }, "stopped by SIGTERM: nothing was started"],
    [3, {}, "stopped by its time limit: 2 restarted, 1 deleted, 40 not started"],
    [0, { not_started: 0, waiting: 3 }, ": 2 restarted, 1 deleted, 3 waiting for a free slot"],
  ])("says of the last sweep (exit code %d, %j) that it was %s", (exit_code, counts, expected) => {
    const { last_sweep } = view();
    const last = last_sweep && { ...last_sweep, exit_code, not_started: 40, ...counts };
    const [, line, , alert] = renderStatus(view({ last_sweep: last }), PLAIN);
    expect(line).toContain(expected);
    if (exit_code !== 0)
      expect(alert).toMatch(/^! The last sweep was stopped by .* before its end; the next/);
  });

  it("shows magnets whose account or name is unknown", () => {
    const lines = renderStatus(view({ magnets: [magnet({ account: null, filename: null })] }), PLAIN);
    expect(lines).toContain("Unknown account: 1 failing");
    expect(lines.join("\n")).toContain("(name unknown)");
  });

  it("claims nothing about an account that did not respond", () => {
    const accounts = [account({ ok: false, error: "the key is wrong" })];
    const lines = renderStatus(view({ accounts, magnets: [magnet({ account: null })] }), PLAIN);
    expect(lines).toContain("main: unknown");
  });
});

describe("renderStatus, what needs attention", () => {
  it.each<[string, Partial<StatusView>, string]>([
    [
      "an overdue sweep",
      { overdue: true },
      "✗ Overdue: the last sweep was 12 min ago, and one should run every 30 min. To find out why, run magnets check",
    ],
    [
      "an account in trouble",
      { accounts: [account({ ok: false, error: "no", trouble: { code: "AUTH_BLOCKED", since: ago(180) } })] },
      "✗ main (since 3 h ago): no",
    ],
    [
      "trouble that the last sweep did not meet",
      { accounts: [account({ trouble: { code: "NO_SERVER", since: ago(180) } })] },
      "✗ main (since 3 h ago): the account does not work (NO_SERVER). For more, run magnets check",
    ],
    [
      "premium that ends",
      { accounts: [account({ premium_ending: true, premium_until: ago(-3 * 1440 - 1) })] },
      "! main: premium ends in 3 days: renew it at https://alldebrid.com/offer",
    ],
    [
      "a dead webhook",
      { dead_webhook: { status: 404, called_at: ago(9) } },
      "✗ Discord: the webhook was deleted or its token is wrong (404): create a new webhook and put its URL into discord_webhook_url",
    ],
    [
      "a webhook whose channel takes nothing",
      { blocked_webhook: { message: "POST discord.com: 400 (50083)", remedy: "reopen it", since: ago(9) } },
      "✗ Discord: POST discord.com: 400 (50083): reopen it; to see whether it works, run magnets test-webhook",
    ],
    [
      "notifications that wait",
      { pending_notifications: 2 },
      "! Discord: 2 notifications wait to be sent; the next sweep tries again",
    ],
  ])("%s", (_, given, expected) => {
    expect(renderStatus(view(given), PLAIN)).toContain(expected);
  });

  it.each([
    [0, []],
    [1, ["✗ The last sweep ended with exit code 1; its log says what needs attention"]],
    [3, ["✗ The last sweep ended with exit code 3; its log says what needs attention"]],
    [143, ["! The last sweep was stopped by SIGTERM before its end; the next one continues"]],
  ])("an exit code of %d that nothing else explains", (exit_code, expected) => {
    const base = view();
    const last_sweep = base.last_sweep && { ...base.last_sweep, exit_code };
    const alerts = renderStatus({ ...base, last_sweep }, PLAIN).filter((line) => /^[✗!]/.test(line));
    expect(alerts).toEqual(expected);
    const held: StatusView["held"] = [{ rule: "max_deletes_per_run", count: 9 }];
    const capped = renderStatus({ ...base, last_sweep, held }, PLAIN).join("\n");
    expect(capped).toContain("to delete them, run magnets run-once --max-deletes 0");
    if (exit_code === 3) expect(capped).not.toContain("exit code");
  });
});

describe("renderStatus, on a terminal", () => {
  it.each([40, 50, 59, 60, 69, 70, 80, 109, 110, 140, 300])("shows every id in %d columns", (columns) => {
    const lines = renderStatus(BUSY, terminal(columns));
    const ids = lines.flatMap((line) => /^ {2}.* (1|2|3) {2,}(?:DELETE|restart|held)/.exec(line)?.[1] ?? []);
    expect(ids).toEqual(["1", "2", "3"]);
    expect(lines.filter((line) => /^ {2}2 days .* 9$/.test(line))).toHaveLength(1);
    for (const line of lines) expect(stringWidth(line), line).toBeLessThanOrEqual(columns);
  });

  it("draws how near deletion is, and how it went", () => {
    const text = renderStatus(BUSY, terminal(80)).join("\n");
    expect(text).toContain("████░ 4/5");
    expect(text).toContain("█░░░░ 1/5");
    expect(text).toContain("Failing ▅▁█ 6 now, 6 at most in the last 3 sweeps");
    expect(renderStatus(BUSY, terminal(50)).join("\n")).not.toContain("░");
  });

  it("colours by how near deletion is", async () => {
    const coloured = renderStatus(BUSY, { ...terminal(80), colors: createColors(true) });
    const line = (name: string) => coloured.find((text) => text.includes(name));
    expect(line("Due.mkv")).toMatch(/^ {2}\u001b\[31m████░ 4\/5/);
    expect(line("Kept.iso")).toMatch(/^ {2}\u001b\[36m/);
    expect(line("千と千尋")).toMatch(/^ {2}\u001b\[32m/);
    const plain = coloured.map((text) => text.replace(/\u001b\[\d+m/g, ""));
    expect(plain).toEqual(renderStatus(BUSY, terminal(80)));
  });

  it("shows of very many magnets the nearest to deletion, and how to see them all", () => {
    const far = Array.from({ length: 150 }, (_, i) => magnet({ id: `7${i}`, filename: `Far.${i}` }));
    const spare = Array.from({ length: 49 }, (_, i) => magnet({ id: `8${i}`, account: "spare" }));
    const many = { ...BUSY, magnets: [DUE, ...far, ...spare] };
    const lines = renderStatus(many, terminal(80, 40));
    expect(lines.length).toBeLessThan(40);
    const text = lines.join("\n");
    expect(text).toContain("200 magnets are failing");
    expect(text).toContain("Due.mkv");
    expect(text).toMatch(/… 1\d\d more: magnets status \| less/);
    expect(text).toContain("… 49 more: magnets status | less");
    expect(renderStatus(many, PLAIN).length).toBeGreaterThan(200);
    expect(renderStatus(many, terminal(80, 5)).filter((line) => line.includes("/5"))).toHaveLength(5);
  });

  it("lets no name break a line or colour it", () => {
    const evil = magnet({ filename: "a\nb\u001b[31mred\u202egnp", account: "main" });
    const text = renderStatus(view({ magnets: [evil] }), terminal(80)).join("\n");
    expect(text).not.toMatch(/[\u001b\u202e]/);
    expect(text).toContain("a b [31mredgnp");
  });
});
