import type { PostedEmbed, SavedMessage } from "../sandbox/discord-webhook.ts";
import { showMarkdown } from "./show-markdown.ts";
import { element, escapeXml, svgFile } from "./svg.ts";

/** In pixels, as in Discord's own dark theme. */
const WIDTH = 684;
const CARD = { left: 72, top: 48, width: 580, padding: 16 };
const TEXT_LEFT = CARD.left + CARD.padding + 4;
const ROW_HEIGHT = 48;
const FIELDS_IN_A_ROW = 3;
const MARGIN = 18;

const STYLE = [
  'text{font:14px "gg sans","Noto Sans","Helvetica Neue",Helvetica,Arial,"DejaVu Sans",sans-serif;fill:#dbdee1}',
  ".user{font-size:16px;font-weight:500;fill:#f2f3f5}.app{font-size:10px;font-weight:600;fill:#fff}",
  ".time{font-size:12px;fill:#a3a8b1}.title{font-size:16px;font-weight:600;fill:#f2f3f5}",
  ".name{font-weight:600;fill:#f2f3f5}",
  '.code{font:12px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace}',
].join("");

type Field = NonNullable<PostedEmbed["fields"]>[number];

/** Draws a message of one embed, which has no description, as Discord shows it at `now` (milliseconds). */
export function drawMessage(message: SavedMessage | undefined, now: number): string {
  const embed = message?.embeds[0];
  if (!message || !embed || message.embeds.length > 1 || embed.description !== undefined) {
    throw new Error("only a message of one embed without a description can be drawn");
  }
  const title = showMarkdown(embed.title ?? "", now);
  const rows = inRows(embed.fields ?? []);
  const card = { ...CARD, height: 2 * CARD.padding + 24 + rows.length * ROW_HEIGHT };
  const height = card.top + card.height + MARGIN;
  const firstRow = card.top + CARD.padding + 42;
  return svgFile({
    width: WIDTH,
    height,
    description: `A message from ${message.username} on Discord: ${title}`,
    style: STYLE,
    lines: [
      box({ x: 0, y: 0, width: WIDTH, height, rx: 10, fill: "#313338" }),
      ...drawAuthor(message.username, embed.timestamp),
      box({ x: card.left, y: card.top, width: card.width, height: card.height, rx: 4, fill: colorOf(embed) }),
      box({
        x: card.left + 4,
        y: card.top,
        width: card.width - 4,
        height: card.height,
        rx: 4,
        fill: "#2b2d31",
      }),
      words("title", TEXT_LEFT, card.top + CARD.padding + 14, title),
      ...rows.flatMap((row, i) => drawRow(row, firstRow + i * ROW_HEIGHT, now)),
    ],
  });
}

/** Inline fields stand side by side, others alone. */
function inRows(fields: readonly Field[]): Field[][] {
  const rows: Field[][] = [];
  for (const field of fields) {
    const last = rows.at(-1);
    if (field.inline && last?.[0]?.inline && last.length < FIELDS_IN_A_ROW) last.push(field);
    else rows.push([field]);
  }
  return rows;
}

function drawAuthor(username: string, timestamp: string | undefined): string[] {
  const after = CARD.left + 72;
  return [
    element("circle", { cx: 36, cy: 38, r: 20, fill: "#5865f2" }),
    // A horseshoe magnet.
    element("path", {
      d: "M29 29v9a7 7 0 0 0 14 0v-9",
      style: "fill:none;stroke:#fff;stroke-width:5",
    }),
    element("path", { d: "M26.5 33h5m9 0h5", style: "stroke:#5865f2;stroke-width:1.5" }),
    words("user", CARD.left, 34, username),
    box({ x: after + 6, y: 21, width: 30, height: 16, rx: 3, fill: "#5865f2" }),
    element("text", { x: after + 21, y: 33, "text-anchor": "middle", class: "app" }, "APP"),
    words("time", after + 44, 33, timestamp === undefined ? "" : `Today at ${timestamp.slice(11, 16)}`),
  ];
}

function drawRow(row: readonly Field[], top: number, now: number): string[] {
  const column = (CARD.width - 2 * CARD.padding) / FIELDS_IN_A_ROW;
  return row.flatMap(({ name, value }, i) => {
    const x = TEXT_LEFT + i * column;
    return [words("name", x, top, showMarkdown(name, now)), ...drawValue(x, top + 21, value, now)];
  });
}

const CODE_ADVANCE = 7.22;

function drawValue(x: number, y: number, value: string, now: number): string[] {
  const code = /^`([^`]+)`$/.exec(value)?.[1];
  if (code === undefined) return [words(undefined, x, y, showMarkdown(value, now))];
  const width = code.length * CODE_ADVANCE;
  return [
    box({ x, y: y - 14, width: width + 8, height: 20, rx: 4, fill: "#1e1f22" }),
    element("text", { x: x + 4, y, textLength: width, class: "code" }, escapeXml(code)),
  ];
}

function words(look: string | undefined, x: number, y: number, shown: string): string {
  return element("text", { x, y, class: look }, escapeXml(shown));
}

function box(attributes: Readonly<Record<string, string | number>>): string {
  return element("rect", attributes);
}

function colorOf({ color = 0 }: PostedEmbed): string {
  return `#${color.toString(16).padStart(6, "0")}`;
}
