import type { HoldRule } from "../core/decide.ts";
import type { TrackedMagnet } from "../core/preview-magnets.ts";
import type { StatusView } from "../core/status.ts";
import { cleanText } from "../core/text.ts";
import type { Colors, Screen } from "./colors.ts";
import { bar, type Column, renderTable } from "./layout.ts";
import { duration } from "./relative-time.ts";

/** What tables call each rule that holds deletions back, and what it means in half a sentence. */
export const HOLD_WORDS: Readonly<Record<HoldRule, { readonly name: string; readonly meaning: string }>> = {
  protect: { name: "protected", meaning: "named in protect, never deleted" },
  min_failing_hours: { name: "too young", meaning: "not failing for min_failing_hours yet" },
  second_chance: { name: "2nd chance", meaning: "no restart was answered for its own sake yet" },
  max_deletes_per_run: {
    name: "too many",
    meaning:
      "more are due than max_deletes_per_run, so none is deleted; to go on: magnets run-once --max-deletes 0",
  },
};

/** What is shown of one magnet. */
interface Field extends Column {
  readonly cell: (magnet: TrackedMagnet) => string;
  /** Terminals narrower than this do without. */
  readonly from?: number;
  readonly paint?: (magnet: TrackedMagnet) => (cell: string) => string;
}

const INDENT = "  ";
const BAR_CELLS = 5;
const WITH_BAR = 60;
/** So many are shown however small the terminal is. */
const FEWEST_SHOWN = 5;

/**
 * The tracked magnets by account, those nearest to deletion first; of too many for `room` lines only these.
 */
export function renderMagnets(view: StatusView, screen: Screen, room: number): string[] {
  if (view.magnets.length === 0) return [];
  const { colors } = screen;
  const shown = view.magnets.slice(0, budget(view, room));
  const fields = fieldsFor(view, screen, colors);
  const [titles = "", ...lines] = renderTable(
    fields,
    shown.map((magnet) => fields.map((field) => field.cell(magnet))),
    {
      width: screen.columns === undefined ? undefined : screen.columns - INDENT.length,
      paint: (cell, row, column) => {
        const magnet = shown[row];
        return magnet === undefined ? colors.dim(cell) : (fields[column]?.paint?.(magnet)(cell) ?? cell);
      },
    },
  );
  const linesOf = (account: string | null) => lines.filter((_, i) => shown[i]?.account === account);
  const failing = (name: string | null) => view.magnets.filter(({ account }) => account === name).length;
  return [
    INDENT + titles,
    ...view.accounts.flatMap(({ name, ok }) => {
      if (failing(name) > 0) return group(name, linesOf(name), failing(name), colors);
      const nothing = ok === false ? ": nothing known" : ": nothing failing";
      return [colors.bold(cleanText(name)) + colors.dim(nothing)];
    }),
    ...(failing(null) > 0 ? group("Account not known", linesOf(null), failing(null), colors) : []),
  ];
}

/** A heading, the lines of the magnets that are shown, and how many more there are. */
function group(heading: string, lines: readonly string[], all: number, colors: Colors): string[] {
  const more = all - lines.length;
  return [
    colors.bold(cleanText(heading)) + colors.dim(`: ${all} failing`),
    ...lines.map((line) => INDENT + line),
    ...(more > 0 ? [colors.dim(`${INDENT}… ${more} more: magnets status | less`)] : []),
  ];
}

/** Each account has a heading, and a line that tells how many more there are. */
function budget({ magnets, accounts }: StatusView, room: number): number {
  const headings = accounts.length + (magnets.some(({ account }) => account === null) ? 1 : 0);
  if (magnets.length + headings + 1 <= room) return magnets.length;
  return Math.max(FEWEST_SHOWN, room - 2 * headings - 1);
}

function fieldsFor(view: StatusView, { columns }: Screen, colors: Colors): Field[] {
  const width = columns ?? Number.POSITIVE_INFINITY;
  const now = Date.parse(view.generated_at);
  const hasBar = columns !== undefined && width >= WITH_BAR;
  const digits = Math.max(...view.magnets.map((magnet) => count(magnet).length));
  const urgency = ({ next, fails, max_retries: max }: TrackedMagnet) => {
    if (next === "held") return colors.cyan;
    if (next === "delete") return colors.red;
    return max - fails <= 2 ? colors.yellow : colors.green;
  };
  const fields: Field[] = [
    {
      title: "FAILS",
      cell: (magnet) => {
        const text = count(magnet).padStart(digits);
        return hasBar
          ? `${bar(magnet.fails, magnet.max_retries, BAR_CELLS)} ${text.trimStart()}`
          : text.trimStart();
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
      from: 64,
      cell: ({ failing_since: since }) =>
        since === null ? "" : duration(Math.max(0, now - Date.parse(since))),
    },
    { title: "ID", from: 76, cell: ({ id }) => id, paint: () => colors.dim },
    { title: "NEXT", cell: nextWord, paint: urgency },
  ];
  return fields.filter(({ from = 0 }) => width >= from);
}

function count({ fails, max_retries: max }: TrackedMagnet): string {
  return `${fails}/${max}`;
}

function nextWord({ next, held_by: rule }: TrackedMagnet): string {
  if (next === "held" && rule !== null) return `held: ${HOLD_WORDS[rule].name}`;
  return next === "delete" ? "DELETE" : "restart";
}
