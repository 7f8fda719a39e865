/** Teams and who is in them; new people. */
import type { components } from "../schema.gen";
import { bodyOf, client } from "./client";

type Schemas = components["schemas"];

export type NewTeam = Schemas["NewTeamRequest"];
export type NewMember = Schemas["NewMemberRequest"];
export type MemberChange = { role: Schemas["Member"]["role"]; was: Schemas["Member"]["role"] };
export type NewPerson = Schemas["NewPersonRequest"];

export const members = {
  teams: () => bodyOf(client.GET("/api/teams/")),
  createTeam: (body: NewTeam) => bodyOf(client.POST("/api/teams/", { body })),
  /** `was` is the name that the person saw. */
  renameTeam: (team_id: number, name: string, was: string) =>
    bodyOf(client.PATCH("/api/teams/{team_id}/", { params: { path: { team_id } }, body: { name, was } })),
  members: (team_id: number) => bodyOf(client.GET("/api/teams/{team_id}/members/", { params: { path: { team_id } } })),
  addMember: (team_id: number, body: NewMember) =>
    bodyOf(client.POST("/api/teams/{team_id}/members/", { params: { path: { team_id } }, body })),
  changeMember: (team_id: number, user_id: number, body: MemberChange) =>
    bodyOf(client.PATCH("/api/teams/{team_id}/members/{user_id}/", { params: { path: { team_id, user_id } }, body })),
  removeMember: (team_id: number, user_id: number) =>
    bodyOf(client.DELETE("/api/teams/{team_id}/members/{user_id}/", { params: { path: { team_id, user_id } } })),
  /** Its one-time password is in the answer and nowhere else. */
  createPerson: (body: NewPerson) => bodyOf(client.POST("/api/people/", { body })),
};
