/** Signing in and out. */
import { client, sessionOf } from "./client";

export const auth = {
  me: () => sessionOf(client.GET("/api/auth/me/")),
  login: (username: string, password: string) => sessionOf(client.POST("/api/auth/login/", { body: { username, password } })),
  logout: () => sessionOf(client.POST("/api/auth/logout/")),
  changePassword: (old_password: string, new_password: string) =>
    sessionOf(client.POST("/api/auth/password/", { body: { old_password, new_password } })),
};
