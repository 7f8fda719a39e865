/** The audit log. */
import type { paths } from "../schema.gen";
import { bodyOf, client } from "./client";

export type AuditQuery = NonNullable<paths["/api/audit/export/"]["get"]["parameters"]["query"]>;

export const audit = {
  audit: (query: AuditQuery, cursor: string | undefined, signal?: AbortSignal) =>
    bodyOf(client.GET("/api/audit/", { params: { query: { ...query, cursor } }, signal })),
  /** As a table; `hasMore`: there are more entries than it holds. */
  exportAudit: async (query: AuditQuery): Promise<{ csv: string; hasMore: boolean }> => {
    const answered = await client.GET("/api/audit/export/", { params: { query }, parseAs: "text" });
    const csv = await bodyOf<string>(Promise.resolve(answered));
    return { csv, hasMore: answered.response.headers.get("X-Sahur-More") === "1" };
  },
};
