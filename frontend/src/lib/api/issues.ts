/** Issues: the list, one of them, filing and changing them. */
import type { IssueChange, NewIssue, UnfiledReport } from "../api-types";
import { bodyOf, client } from "./client";

interface IssueQuery {
  status?: "open" | "closed";
  q?: string;
  cursor?: string;
}

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
  changeIssue: (key: string, body: IssueChange) =>
    bodyOf(client.PATCH("/api/issues/{key}/", { params: { path: { key } }, body })),
  /** The issue as a case for evaluations, to be saved as a file. */
  exportCase: (key: string) => bodyOf(client.POST("/api/issues/{key}/case/", { params: { path: { key } } })),
};
