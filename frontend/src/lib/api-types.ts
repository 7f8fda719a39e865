/** The shapes of the REST answers (docs/architecture.md, REST). */
import type {
  Decision,
  Event,
  Evidence,
  InputRequest,
  Solution,
  Stage,
  ToolResultStatus,
  Usage,
  Verdict,
} from "./event-types.gen";
import type { RunStatus } from "./run-state";

export interface Me {
  user: { username: string; name: string; must_change_password: boolean; is_staff: boolean } | null;
  teams: { id: number; key: string; name: string; role: "viewer" | "responder" | "admin" }[];
  csrf_token: string;
}

export interface RunSummary {
  id: string;
  number: number;
  status: RunStatus;
  stage: Stage;
  verdict: Verdict | null;
  model: string;
}

export interface IssueSummary {
  key: string;
  title: string;
  status: "open" | "closed";
  source: "slack" | "web" | "api" | "cli";
  reporter: string;
  /** Its name. */
  repository: string | null;
  /** Its key. */
  team: string;
  created_at: string;
  updated_at: string;
  run: RunSummary | null;
}

export interface Activity {
  number: number;
  kind: string;
  actor: string;
  detail: Record<string, unknown>;
  at: string;
}

export interface Issue extends IssueSummary {
  body: string;
  resolution: string;
  revision: string;
  runs: RunSummary[];
  activity: Activity[];
}

export interface Message {
  id: string;
  author: string;
  text: string;
  status: "queued" | "taken_in" | "carried_over";
  client_id: string;
  taken_in_at_step: number | null;
  created_at: string;
}

export interface Run extends RunSummary {
  issue: string;
  asked_by: string;
  failure: { stage?: Stage; code?: string; cause?: string; next_step?: string } | null;
  usage: Partial<Usage>;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  queue_position: number | null;
  solution: Solution | null;
  evidence: Evidence[];
  input_requests: InputRequest[];
  messages: Message[];
  last_seq: number;
}

export interface Receipt {
  id: string;
  tool: string;
  upstream: string;
  arguments: Record<string, unknown>;
  status: ToolResultStatus;
  result: string;
  result_hash: string;
  result_bytes: number;
  redactions: number;
  is_cached: boolean;
  duration_ms: number;
  called_at: string;
}

export interface Repository {
  id: string;
  name: string;
  source: string;
}

export interface Page<T> {
  results: T[];
  next: string | null;
}

export interface EventPage {
  events: Event[];
  last_seq: number;
  is_ended: boolean;
}

export interface NewIssue {
  title: string;
  body: string;
  team?: string;
  repository?: string;
  revision?: string;
}

export interface Answer {
  decision: Decision;
  answer?: string;
  arguments?: Record<string, unknown>;
}
