/** Issues: the list, one of them, filing and changing them. */
import type { CloseIssues, IssueChange, NewIssue, UnfiledReport } from "../api-types";
import type { paths } from "../schema.gen";
import { bodyOf, client } from "./client";

/** As in the list's address (`queryOf`), so without what is not asked for. */
type IssueQuery = NonNullable<paths["/api/issues/"]["get"]["parameters"]["query"]>;

export const issues = {
  issues: (query: IssueQuery, signal?: AbortSignal) => bodyOf(client.GET("/api/issues/", { params: { query }, signal })),
  issue: (key: string) => bodyOf(client.GET("/api/issues/{key}/", { params: { path: { key } } })),
  /** The same `idempotencyKey` files the same issue once, however often it is sent. */
  createIssue: (body: NewIssue, idempotencyKey: string) =>
    bodyOf(client.POST("/api/issues/", { body, params: { header: { "Idempotency-Key": idempotencyKey } } })),
  /** Past issues that a report resembles which is not filed yet. */
  similarToReport: (body: UnfiledReport, signal: AbortSignal) => bodyOf(client.POST("/api/issues/similar/", { body, signal })),
  similarToIssue: (key: string, signal: AbortSignal) =>
    bodyOf(client.GET("/api/issues/{key}/similar/", { params: { path: { key } }, signal })),
  /** Up to `until`, `news_at` of what was shown, or up to now. Not seen: all of it is news again. */
  markSeen: (keys: string[], is_seen = true, until?: string) =>
    bodyOf(client.POST("/api/issues/seen/", { body: { keys, is_seen, until } })),
  /** At most 100 of them. Each is told of by itself. */
  closeIssues: (body: CloseIssues) => bodyOf(client.POST("/api/issues/close/", { body })),
  changeIssue: (key: string, body: IssueChange) =>
    bodyOf(client.PATCH("/api/issues/{key}/", { params: { path: { key } }, body })),
  /** The issue as a case for evaluations, to be saved as a file. */
  exportCase: (key: string) => bodyOf(client.POST("/api/issues/{key}/case/", { params: { path: { key } } })),
};
