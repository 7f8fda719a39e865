/** Runs: their life, their events, and taking part in them. */
import type { Answer, EventPage, NewFeedback, RunDifference } from "../api-types";
import type { Stage } from "../event-types.gen";
import { bodyOf, client } from "./client";

export const runs = {
  run: (id: string) => bodyOf(client.GET("/api/runs/{run_id}/", { params: { path: { run_id: id } } })),
  /** With one of `modelChoices`, if it is to be another model than the configured one. */
  /** `repository` is for an issue that was reported without one. */
  startRun: (key: string, client_id: string, model = "", repository = "") =>
    bodyOf(client.POST("/api/issues/{key}/runs/", { params: { path: { key } }, body: { client_id, model, repository } })),
  modelChoices: () => bodyOf(client.GET("/api/models/choices/")),
  stopRun: (id: string, client_id: string) =>
    bodyOf(client.POST("/api/runs/{run_id}/stop/", { params: { path: { run_id: id } }, body: { client_id } })),
  /** Go on from where a stopped or failed run was, as a further run. */
  resumeRun: (id: string, client_id: string) =>
    bodyOf(client.POST("/api/runs/{run_id}/resume/", { params: { path: { run_id: id } }, body: { client_id } })),
  /** Try another line from the end of a stage. */
  branchRun: (id: string, message: string, from_stage: Stage, client_id: string) =>
    bodyOf(
      client.POST("/api/runs/{run_id}/branch/", {
        params: { path: { run_id: id } },
        body: { message, from_stage, client_id },
      }),
    ),
  compareRuns: (first: string, second: string) =>
    bodyOf(
      client.GET("/api/runs/{run_id}/difference/", { params: { path: { run_id: first }, query: { with: second } } }),
    ) as Promise<RunDifference>,
  events: (runId: string, after: number) =>
    bodyOf(
      client.GET("/api/runs/{run_id}/events/", { params: { path: { run_id: runId }, query: { after } } }),
    ) as Promise<EventPage>,
  /** `urgent`: the model's call under way is given up, so that the message is used at once. */
  sendMessage: (runId: string, text: string, client_id: string, urgent = false) =>
    bodyOf(
      client.POST("/api/runs/{run_id}/messages/", { params: { path: { run_id: runId } }, body: { text, client_id, urgent } }),
    ),
  /** Do not wait with a queued message any longer. */
  makeMessageUrgent: (runId: string, messageId: string) =>
    bodyOf(
      client.POST("/api/runs/{run_id}/messages/{message_id}/urgent/", {
        params: { path: { run_id: runId, message_id: messageId } },
      }),
    ),
  /** On the answer, or on the step with this id; a further vote replaces the first. */
  giveFeedback: (runId: string, body: NewFeedback) =>
    bodyOf(client.PUT("/api/runs/{run_id}/feedback/", { params: { path: { run_id: runId } }, body })),
  withdrawFeedback: (runId: string, step: string) =>
    bodyOf(client.DELETE("/api/runs/{run_id}/feedback/", { params: { path: { run_id: runId }, query: { step } } })),
  answerInput: (id: string, answer: Answer, client_id: string) =>
    bodyOf(
      client.POST("/api/inputs/{input_request_id}/answer/", {
        params: { path: { input_request_id: id } },
        body: { ...answer, client_id },
      }),
    ),
};
