/** Days as date fields give them, and the moments at which they begin and end for the person who chose them. */

/** Midnight, in the person's own zone, after a day such as `2026-12-31`; null for what is no day. */
export function startOfNextDay(day: string): Date | null {
  const start = startOfDay(day);
  if (start) start.setDate(start.getDate() + 1);
  return start;
}

export function startOfDay(day: string): Date | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return null;
  // Without a zone, a date with a time is read in the zone of the person.
  const start = new Date(`${day}T00:00:00`);
  return Number.isNaN(start.getTime()) ? null : start;
}
