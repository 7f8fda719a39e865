/** The overview, in one request. Imported by its page alone. */
import type { Span } from "../overview";
import { bodyOf, client } from "./client";

/** Of one team, or of all of one's own. */
export const readOverview = (team: string, days: Span, signal: AbortSignal) =>
  bodyOf(client.GET("/api/overview/", { params: { query: { team: team || undefined, days } }, signal }));
