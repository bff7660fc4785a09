/** What results are printed on. */
export interface Screen {
  readonly color: boolean;
  /** Columns of the terminal; absent when it is none: then the layout depends on nothing but the content. */
  readonly columns: number | undefined;
  /** Lines of the terminal. */
  readonly rows: number | undefined;
}
