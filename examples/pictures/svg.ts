/** Makes a text safe inside an SVG's text and its quoted attributes. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Writes an element: attributes in order, those that are undefined left out; `content` is SVG already. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  content = "",
): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === "number" ? round(value) : escapeXml(value ?? "")}"`)
    .join("");
  return content === "" ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** A whole file. `description` is read to those who can't see the picture. */
export function svgFile(picture: {
  readonly width: number;
  readonly height: number;
  readonly description: string;
  readonly style: string;
  readonly lines: readonly string[];
}): string {
  const { width, height, description, style, lines } = picture;
  const open = {
    xmlns: "http://www.w3.org/2000/svg",
    width,
    height,
    viewBox: `0 0 ${round(width)} ${round(height)}`,
    role: "img",
    "aria-label": description,
  };
  const content = [element("title", {}, escapeXml(description)), element("style", {}, style), ...lines];
  return `${element("svg", open, `\n${content.join("\n")}\n`)}\n`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
