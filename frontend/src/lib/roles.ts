/** Roles in a team, as people read of them. */
import type { Role } from "./decisions";

export const ROLES: readonly Role[] = ["viewer", "responder", "admin"];

export const ROLE_NAMES: Record<Role, string> = { viewer: "Viewer", responder: "Responder", admin: "Admin" };

export const ROLE_RIGHTS: Record<Role, string> = {
  viewer: "Reads issues, runs and receipts.",
  responder: "Also reports, steers runs and answers their questions.",
  admin: "Also manages members, budgets and repositories.",
};
