import type { Row } from "./csv.ts";
import type { Hondana } from "./hondana.ts";

/** What the database holds, as `hondana export` writes it. */
export class Stock {
  private constructor(
    private readonly items: Row[],
    private readonly books: Set<string>,
    private readonly loans: Row[],
    private readonly reservations: Row[],
    private readonly patrons: Row[],
  ) {}

  static async of(hondana: Hondana): Promise<Stock> {
    const titles = await hondana.exported("titles");
    const books = titles.filter((title) => title.record?.includes('"material":"book"'));
    return new Stock(
      await hondana.exported("items"),
      new Set(books.map((title) => title.key ?? "")),
      await hondana.exported("loans"),
      await hondana.exported("reservations"),
      await hondana.exported("patrons"),
    );
  }

  /** Books on the shelves of a branch that nobody has reserved, each of another title. */
  free(branch: string, count: number): string[] {
    const taken = new Set(this.reservations.map((reservation) => reservation.key));
    const free = this.items.filter(({ key, ...item }) => {
      const here = item.branch === branch && item.place === branch && item.state === "on-shelf";
      return here && item.loan_rule === "lendable" && this.books.has(key ?? "") && !taken.has(key) && taken.add(key);
    });
    if (free.length < count) throw new Error(`only ${free.length} free books in ${branch}`);
    // From the end, far from the titles the other deeds of the day are about.
    return free.slice(-count).map((item) => item.barcode ?? "");
  }

  /** A book of which there is one copy only, on its shelf. */
  single(branch: string): string {
    const copies = (key?: string) => this.items.filter((item) => item.key === key).length;
    const only = this.free(branch, 100).find((barcode) => copies(this.item(barcode)?.key) === 1);
    if (only === undefined) throw new Error("no title of one copy");
    return only;
  }

  private item(barcode: string): Row | undefined {
    return this.items.find((item) => item.barcode === barcode);
  }

  state(barcode: string): string | undefined {
    return this.item(barcode)?.state;
  }

  lent(): string[] {
    return this.loans.map((loan) => loan.barcode ?? "");
  }

  loansOf(card: string): Row[] {
    return this.loans.filter((loan) => loan.card === card);
  }

  dueOn(barcodes: string[]): (string | undefined)[] {
    return barcodes.map((barcode) => this.loans.find((loan) => loan.barcode === barcode)?.due_on);
  }

  reservationOf(barcode: string): Row | undefined {
    return this.reservations.find((reservation) => reservation.barcode === barcode);
  }

  reservationsOf(card: string): Row[] {
    return this.reservations.filter((reservation) => reservation.card === card);
  }

  card(name: string): string | undefined {
    return this.patrons.find((patron) => patron.name === name)?.card;
  }
}
