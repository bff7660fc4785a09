import type { Colors } from "./colors.ts";

/** What results are printed on. */
export interface Screen {
  readonly colors: Colors;
  /** Columns of the terminal; absent when it is none: then the layout depends on nothing but the content. */
  readonly columns: number | undefined;
  /** Lines of the terminal. */
  readonly rows: number | undefined;
}
