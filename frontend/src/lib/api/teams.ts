/** Teams: what they may spend and have spent. */
import { bodyOf, client } from "./client";

export const teams = {
  teamBudget: (teamId: number) => bodyOf(client.GET("/api/teams/{team_id}/budget/", { params: { path: { team_id: teamId } } })),
  /** Of the last thirty days (UTC), by day and model. */
  teamUsage: (teamId: number) => bodyOf(client.GET("/api/teams/{team_id}/usage/", { params: { path: { team_id: teamId } } })),
};
