const DAY = 24 * 60 * 60 * 1000;

/** A day so many after that moment, as the pages say it. */
export function dayAfter(moment: Date, days: number): string {
  const parts = new Intl.DateTimeFormat("ja-JP", {
    timeZone: "Asia/Tokyo",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    weekday: "short",
  }).formatToParts(new Date(moment.getTime() + days * DAY));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? "";
  return `${part("year")}年${part("month")}月${part("day")}日（${part("weekday")}）`;
}

/** The last day a copy that became ready now is kept, as the pages say it (R11: two weeks). */
export function deadline(): string {
  return dayAfter(new Date(), 14);
}
