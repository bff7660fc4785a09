import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A library that esbuild put into the bundle, and the terms it came under. */
export interface BundledLicence {
  readonly name: string;
  readonly version: string;
  /** The library's own licence and notice files, whole. */
  readonly text: string;
}

/** The part of esbuild's metafile that is read here (https://esbuild.github.io/api/#metafile). */
export interface Metafile {
  readonly inputs: Readonly<Record<string, unknown>>;
}

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;

/** The folders of the libraries in the bundle, sorted, each once, relative as in the metafile. */
export function bundledFolders(metafile: Metafile): string[] {
  const folders = new Set<string>();
  for (const input of Object.keys(metafile.inputs)) {
    const match = /^(?<folder>.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match?.groups?.folder !== undefined) folders.add(match.groups.folder);
  }
  return [...folders].sort();
}

/**
 * The licences of every library in the bundle, by the libraries' folders under `root`. Throws when one
 * brings no licence file: its text has to travel with its code.
 */
export async function bundledLicences(root: string, metafile: Metafile): Promise<BundledLicence[]> {
  return Promise.all(bundledFolders(metafile).map((folder) => readLicence(join(root, folder))));
}

/** `LICENSES.txt`: each library's name and version, and below it, indented, its terms. */
export function licencesText(bundled: readonly BundledLicence[]): string {
  const libraries = bundled.map(({ name, version, text }) => `${name} ${version}\n\n${indent(text)}\n`);
  return ["cli.cjs contains these libraries, each under its own terms.\n", ...libraries].join("\n");
}

/** Indents each line that is not empty. */
export function indent(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => (line.trim() === "" ? "" : `    ${line}`))
    .join("\n");
}

async function readLicence(folder: string): Promise<BundledLicence> {
  const { name, version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const files = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).sort();
  if (files.length === 0) throw new Error(`${name} ${version} is bundled and brings no licence file`);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  return { name, version, text: texts.map((text) => text.trim()).join("\n\n") };
}
