/** A row of a CSV file, by its columns. */
export type Row = Record<string, string>;

/** Reads CSV as `hondana export` writes it: with a line of names, quotes where they are needed, one row a line. */
export function readCsv(text: string): Row[] {
  const [names, ...rows] = text.trimEnd().split(/\r?\n/).map(cells);
  return rows.map((row) => Object.fromEntries((names ?? []).map((name, n) => [name, row[n] ?? ""])));
}

function cells(line: string): string[] {
  const found = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...found].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "");
}
