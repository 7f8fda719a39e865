/** The shapes of the REST door, by the names that they have in its schema (schema/openapi.yaml). */
import type { Event } from "./event-types.gen";
import type { components } from "./schema.gen";

type Schemas = components["schemas"];

export type Me = Schemas["Me"];
export type RunSummary = Schemas["RunSummary"];
/** As the socket tells it: what one has seen is nobody else's. */
export type IssueSummary = Omit<Schemas["ListedIssue"], "seen_at">;
export type Activity = Schemas["Activity"];
export type Issue = Schemas["Issue"];
export type Run = Schemas["Run"];
export type CallFacts = Schemas["ReceiptSummary"];
export type Receipt = Schemas["Receipt"];
export type Recheck = Schemas["Recheck"];
export type ListedIssue = Schemas["ListedIssue"];
export type CloseIssues = Schemas["ClosedIssuesRequest"];
export type CloseResult = Schemas["CloseResult"];
export type SavedView = Schemas["SavedView"];
export type IssuePage = Schemas["IssuePage"];
/** Events are typed by their own schema, which knows that every field of theirs is always sent. */
export type EventPage = Omit<Schemas["EventPage"], "events"> & { events: Event[] };
export type NewIssue = Schemas["NewIssueRequest"];
export type UnfiledReport = Schemas["UnfiledReportRequest"];
export type SimilarIssue = Schemas["SimilarIssue"];
export type Repository = Schemas["Repository"];
export type Checkout = Schemas["Checkout"];
/** The server sends every field, also those that have a default. */
type Sent<T> = T extends readonly (infer E)[] ? Sent<E>[] : T extends object ? { [K in keyof T]-?: Sent<T[K]> } : T;
/** What the record of a run tells of its answer. */
export type RecordedAnswer = Sent<Pick<Run, "solution" | "evidence">>;
export type RunDifference = Sent<Schemas["RunDifference"]>;
export type ComparedRun = Schemas["ComparedRun"];
export type TeamBudget = Schemas["TeamBudget"];
export type TeamUsage = Schemas["TeamUsage"];
export type UsageOfDay = Schemas["UsageOfDay"];
export type Limits = Schemas["Limits"];
export type IssueChange = Schemas["PatchedIssueChangeRequest"];
export type Answer = Omit<Schemas["AnswerRequest"], "client_id">;
/** A team of one's own, as the settings list it. */
export type TeamWithMembers = Schemas["Team"];
export type Member = Schemas["Member"];
export type Token = Schemas["Token"];
export type AuditEntry = Schemas["AuditEntry"];
export type Feedback = Schemas["Feedback"];
export type NewFeedback = Schemas["NewFeedbackRequest"];
