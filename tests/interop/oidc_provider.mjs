// SPDX-License-Identifier: MIT
//
// npm's oidc-provider, a certified OpenID provider that nobody here wrote, with its own sign-in
// pages. Tokens are as it makes them; only who somebody is is told to it: a person's login is
// their sub and their user name, and everyone but "carol" is in linux-users.
//
//   node oidc_provider.mjs FOLDER     key and certificate are there; writes FOLDER/port
import { createRequire } from "node:module";
import { generateKeyPairSync } from "node:crypto";
import fs from "node:fs";
import https from "node:https";
import { pathToFileURL } from "node:url";

const require = createRequire(process.env.MODULES + "/");
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")).href);
const folder = process.argv[2];
const DEVICE = "urn:ietf:params:oauth:grant-type:device_code";
const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });

const client = (client_id, token_endpoint_auth_method) => ({
    client_id, token_endpoint_auth_method, application_type: "native", response_types: ["code"],
    grant_types: ["authorization_code", DEVICE], redirect_uris: ["http://localhost:8400/callback"],
    ...(token_endpoint_auth_method === "none" ? {} : { client_secret: "interop+secret/0123:4567%89" }),
});

const server = https.createServer({
    key: fs.readFileSync(`${folder}/server.key`), cert: fs.readFileSync(`${folder}/server.pem`),
});
server.listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    const provider = new Provider(`https://localhost:${port}`, {
        clients: [client("public", "none"), client("basic", "client_secret_basic"),
            client("post", "client_secret_post")],
        jwks: { keys: [{ ...key, kid: "interop", alg: "RS256", use: "sig" }] },
        cookies: { keys: ["interop"] },
        claims: { openid: ["sub", "cognito:username", "cognito:groups"], email: ["email"], profile: ["name"] },
        conformIdTokenClaims: false,
        features: { deviceFlow: { enabled: true }, devInteractions: { enabled: true } },
        findAccount: (_context, id) => ({
            accountId: id,
            claims: () => ({ sub: id, "cognito:username": id, "cognito:groups": id === "carol" ? ["guests"] : ["linux-users"] }),
        }),
    });
    server.on("request", provider.callback());
    fs.writeFileSync(`${folder}/port.new`, String(port));
    fs.renameSync(`${folder}/port.new`, `${folder}/port`);
});
