/**
 * Titles of the demo catalogue that nobody has reserved or on loan at first, and the barcodes of their first copies:
 * 9, the key of the title, the number of the copy. The first copy of each stands in the central library.
 */
export const BOTCHAN = { reading: "ぼっちゃん", title: "坊っちゃん", barcode: "91000201" };
export const KOKORO = { reading: "こころ", title: "こころ", barcode: "91000601" };
export const KUSAMAKURA = { reading: "クサマクラ", title: "草枕", barcode: "91000701", second: "91000702" };

/** Whose card. */
export const NAKAZATO = { card: "1000004", name: "中里 大輔", mail: "nakazato.d@example.jp", label: "ナ 0004" };
/** Another of the family, who reads on a phone of her own. */
export const YUMIKO = { card: "1000005", name: "中里 由美子" };
/** A reader at every limit of loans and reservations. */
export const AOKI = { card: "1000003" };
