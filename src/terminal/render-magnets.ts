import type { HoldRule } from "../core/decide.ts";
import type { StatusView } from "../core/status.ts";
import type { TrackedMagnet } from "../core/tracked-magnets.ts";
import { bar, type Column, fitName, isWide, renderTable } from "./layout.ts";
import { duration } from "./relative-time.ts";
import type { Colors, Reader, Screen } from "./screen.ts";

/** What tables call each rule that holds deletions back, and what it means; COMMAND stands for this program. */
export const HOLD_WORDS: Readonly<Record<HoldRule, { readonly name: string; readonly meaning: string }>> = {
  protect: { name: "protected", meaning: "listed in protect, never deleted" },
  min_failing_hours: { name: "too young", meaning: "has not been failing for min_failing_hours yet" },
  gap: {
    name: "seen again",
    meaning: "nothing was seen of it for more than a day, so it gets one more restart first",
  },
  second_chance: {
    name: "2nd chance",
    meaning: "no restart was accepted, or refused because of the magnet itself, yet",
  },
  max_deletes_per_run: {
    name: "over the cap",
    meaning:
      "more are due than max_deletes_per_run allows, so none is deleted; to delete them, run COMMAND run-once --max-deletes 0, to give them all another try, COMMAND reset ACCOUNT",
  },
};

const INDENT = "  ";
/** So many are shown however small the terminal is. */
const FEWEST_SHOWN = 5;

/** The tracked magnets by account, those nearest to deletion first; of too many for `room` lines only these. */
export function renderMagnets(view: StatusView, screen: Reader, room: number): string[] {
  const { magnets, accounts } = view;
  if (magnets.length === 0) return [];
  const { colors, symbols, command } = screen;
  const unknown = magnets.some(({ account }) => account === null);
  // Each account has a heading, and perhaps a line that says how many more there are.
  const headings = accounts.length + (unknown ? 1 : 0);
  const all = magnets.length + headings + 1 <= room;
  const shown = all ? magnets : magnets.slice(0, Math.max(FEWEST_SHOWN, room - 2 * headings - 1));
  const look = { indent: INDENT, paintTitle: colors.dim };
  const [titles = "", ...lines] = renderTable(columnsFor(view, screen), shown, screen, look);
  const group = (name: string | null, ok: boolean | null): string[] => {
    const failing = magnets.filter(({ account }) => account === name).length;
    const mine = lines.filter((_, i) => shown[i]?.account === name);
    const more = failing - mine.length;
    const count = failing > 0 ? `${failing} failing` : ok === false ? "unknown" : "nothing failing";
    const heading = fitName(name ?? "Unknown account", screen, `: ${count}`.length);
    return [
      colors.bold(heading) + colors.dim(`: ${count}`),
      ...mine,
      ...(more > 0
        ? [colors.dim(`${INDENT}${symbols.ellipsis} ${more} more: ${command} status | less`)]
        : []),
    ];
  };
  return [
    titles,
    ...accounts.flatMap(({ name, ok }) => group(name, ok)),
    ...(unknown ? group(null, null) : []),
  ];
}

const BAR_CELLS = 5;

function columnsFor(view: StatusView, screen: Screen): Column<TrackedMagnet>[] {
  const { colors, columns, symbols } = screen;
  const now = Date.parse(view.generated_at);
  const hasBar = columns !== undefined && isWide(screen);
  const urgency = ({ next, fails, max_retries: max }: TrackedMagnet): Colors[keyof Colors] => {
    if (next === "held") return colors.cyan;
    if (next === "delete") return colors.red;
    return max - fails <= 2 ? colors.yellow : colors.green;
  };
  return [
    {
      title: "FAILS",
      cell: ({ fails, max_retries: max }) => {
        const drawn = hasBar ? `${bar(fails, max, BAR_CELLS, symbols)} ` : "";
        return `${drawn}${fails > max ? `${fails} (max ${max})` : `${fails}/${max}`}`;
      },
      paint: urgency,
    },
    { title: "NAME", shrinks: true, cell: ({ filename }) => filename ?? "(name unknown)" },
    {
      title: "ALLDEBRID SAYS",
      shrinks: true,
      from: 110,
      cell: ({ status_text: text, status }) => text ?? status,
      paint: () => colors.dim,
    },
    {
      title: "FOR",
      from: 70,
      cell: ({ failing_since: since }) =>
        since === null ? "" : duration(Math.max(0, now - Date.parse(since))),
    },
    { title: "ID", cell: ({ id }) => id, paint: () => colors.dim },
    {
      title: "NEXT",
      cell: ({ next, held_by: rule }) => {
        if (next === "held")
          return isWide(screen) && rule !== null ? `held: ${HOLD_WORDS[rule].name}` : "held";
        return next === "delete" ? "DELETE" : "restart";
      },
      paint: urgency,
    },
  ];
}
