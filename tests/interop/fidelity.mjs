// SPDX-License-Identifier: MIT
//
// Is the local Cognito what real clients expect? Each test drives it with a public client
// library and looks only at what that library reports.
import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";

import {
    amplifyUser, browse, clients, control, helperSignIn, jwtVerify, lastCode, openid, passwords,
    poolId, refresh, refusal, relyingParty, secret, secretHash, send, sendMfaCode, signIn, step,
    totp, url,
} from "./cognito.mjs";
import { run, test } from "./tap.mjs";

const part = (token, index) => JSON.parse(Buffer.from(token.split(".")[index], "base64url"));

async function jwks(base = url) {
    return (await fetch(`${base}/${poolId}/.well-known/jwks.json`)).json();
}

function failed(outcome, code, message) {
    assert.equal(outcome.event, "failure");
    assert.equal(outcome.error.code ?? outcome.error.name, code);
    assert.equal(outcome.error.message, message);
}

const WRONG = ["NotAuthorizedException", "Incorrect username or password."];

// --- amazon-cognito-identity-js ---

test("amplify: SRP sign-in", async () => {
    const outcome = await signIn(amplifyUser("bob"), passwords.bob);
    assert.equal(outcome.event, "success");
    assert.equal(outcome.session.getIdToken().payload["cognito:username"], "bob");
    assert.ok(outcome.session.isValid());
});

test("amplify: SRP sign-in twenty times, so that odd-length hex and set top bits occur", async () => {
    for (let turn = 0; turn < 20; turn += 1) {
        // Each password has its own salt and verifier.
        const password = `Turn-${turn}-of-20!`;
        await control("user", { username: "bob", password });
        assert.equal((await signIn(amplifyUser("bob"), password)).event, "success");
    }
});

test("amplify: SRP sign-in where the server gives a Session along", async () => {
    await control("pool", { srp_session: true });
    assert.equal((await signIn(amplifyUser("bob"), passwords.bob)).event, "success");
});

test("amplify: a pool that tracks devices", async () => {
    await control("pool", { device_tracking: true });
    const user = amplifyUser("bob");
    const outcome = await signIn(user, passwords.bob);
    assert.equal(outcome.event, "success");
    // It confirms by itself, with a verifier and a salt of its own, and names the device.
    const { devices } = await control("remembered");
    assert.deepEqual(devices.map((device) => device.username), ["bob"]);
    await new Promise((done, failed) => {
        user.refreshSession(outcome.session.getRefreshToken(),
            (error, session) => (error ? failed(error) : done(session)));
    });
});

test("amplify: SRP with a wrong password", async () => {
    failed(await signIn(amplifyUser("bob"), "wrong"), ...WRONG);
});

test("amplify: SRP, user name in another case: as the pool says", async () => {
    const outcome = await signIn(amplifyUser("BOB"), passwords.bob);
    assert.equal(outcome.session.getIdToken().payload["cognito:username"], "bob");
    await control("pool", { case_sensitive: true });
    failed(await signIn(amplifyUser("BOB"), passwords.bob), ...WRONG);
});

test("amplify: SRP, then the right TOTP code", async () => {
    const user = amplifyUser("alice");
    assert.equal((await signIn(user, passwords.alice)).event, "totp");
    const outcome = await sendMfaCode(user, await totp("alice"), "SOFTWARE_TOKEN_MFA");
    assert.equal(outcome.event, "success");
});

test("amplify: a wrong TOTP code, then the right one in the same session", async () => {
    const user = amplifyUser("alice");
    await signIn(user, passwords.alice);
    failed(await sendMfaCode(user, "000000", "SOFTWARE_TOKEN_MFA"),
        "CodeMismatchException", "Invalid code or auth state for the user.");
    const outcome = await sendMfaCode(user, await totp("alice"), "SOFTWARE_TOKEN_MFA");
    assert.equal(outcome.event, "success");
});

test("amplify: TOTP one step early and late is good, two steps are not", async () => {
    await control("unlock", {});
    for (const [skew, event] of [[-30, "success"], [30, "success"], [-90, "failure"]]) {
        const user = amplifyUser("alice");
        await signIn(user, passwords.alice);
        const outcome = await sendMfaCode(user, await totp("alice", skew), "SOFTWARE_TOKEN_MFA");
        assert.equal(outcome.event, event, `skew ${skew}`);
    }
});

test("amplify: USER_PASSWORD_AUTH", async () => {
    const user = amplifyUser("bob", clients.password);
    assert.equal((await signIn(user, passwords.bob, "USER_PASSWORD_AUTH")).event, "success");
});

test("amplify: USER_PASSWORD_AUTH with a wrong password", async () => {
    const user = amplifyUser("bob", clients.password);
    failed(await signIn(user, "wrong", "USER_PASSWORD_AUTH"), ...WRONG);
});

test("amplify: USER_PASSWORD_AUTH where the client does not allow it", async () => {
    failed(await signIn(amplifyUser("bob"), passwords.bob, "USER_PASSWORD_AUTH"),
        "InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client");
});

test("amplify: disabled, unconfirmed, reset required", async () => {
    failed(await signIn(amplifyUser("dave"), passwords.dave),
        "NotAuthorizedException", "User is disabled.");
    failed(await signIn(amplifyUser("grace"), passwords.grace),
        "UserNotConfirmedException", "User is not confirmed.");
    failed(await signIn(amplifyUser("frank"), passwords.frank),
        "PasswordResetRequiredException", "Password reset required for the user");
});

test("amplify: unknown user, existence hidden: SRP runs to its end, then the common refusal", async () => {
    failed(await signIn(amplifyUser("nobodyinpool"), "x"), ...WRONG);
});

test("amplify: unknown user, existence told", async () => {
    await control("pool", { prevent_user_existence_errors: false });
    failed(await signIn(amplifyUser("nobodyinpool"), "x"),
        "UserNotFoundException", "User does not exist.");
});

test("amplify: unknown app client", async () => {
    failed(await signIn(amplifyUser("bob", "nosuchclient"), "x"),
        "ResourceNotFoundException", "User pool client nosuchclient does not exist.");
});

test("amplify: refresh keeps auth_time and brings the groups of now", async () => {
    const user = amplifyUser("bob");
    const { session } = await signIn(user, passwords.bob);
    await control("user", { username: "bob", groups: ["linux-admins"] });
    const outcome = await refresh(user, session.getRefreshToken());
    assert.equal(outcome.event, "success");
    const [before, after] = [session, outcome.session].map((s) => s.getIdToken().payload);
    assert.equal(after.auth_time, before.auth_time);
    assert.equal(after.origin_jti, before.origin_jti);
    assert.notEqual(after.jti, before.jti);
    assert.deepEqual(after["cognito:groups"], ["linux-admins"]);
});

test("amplify: refresh of a disabled user, and of a signed-out one", async () => {
    const user = amplifyUser("bob");
    const { session } = await signIn(user, passwords.bob);
    await control("user", { username: "bob", enabled: false });
    failed(await refresh(user, session.getRefreshToken()),
        "NotAuthorizedException", "User is disabled.");
    await control("user", { username: "bob", enabled: true });
    assert.equal((await step(user, "globalSignOut")).event, "success");
    failed(await refresh(user, session.getRefreshToken()),
        "NotAuthorizedException", "Refresh Token has been revoked");
});

test("amplify: a temporary password must be replaced, by one the policy accepts", async () => {
    const user = amplifyUser("erin");
    const first = await signIn(user, passwords.erin);
    assert.equal(first.event, "new-password");
    assert.equal(first.attributes.email, "erin@example.com");
    failed(await step(user, "completeNewPasswordChallenge", "short", {}),
        "InvalidPasswordException",
        "Password did not conform with policy: Password not long enough");
    const done = await step(user, "completeNewPasswordChallenge", "Erin-Permanent-5!", {});
    assert.equal(done.event, "success");
    assert.equal((await signIn(amplifyUser("erin"), "Erin-Permanent-5!")).event, "success");
});

test("amplify: a temporary password expires", async () => {
    await control("clock", { offset: 8 * 86400 });
    failed(await signIn(amplifyUser("erin"), passwords.erin), "NotAuthorizedException",
        "Temporary password has expired and must be reset by an administrator.");
});

test("amplify: user name and password beyond ASCII", async () => {
    const outcome = await signIn(amplifyUser("ålice-ж"), passwords["ålice-ж"]);
    assert.equal(outcome.event, "success");
    assert.equal(outcome.session.getIdToken().payload["cognito:username"], "ålice-ж");
});

test("amplify: sign-in by e-mail address uses the sub in SRP", async () => {
    await control("pool", { alias_email: true });
    const outcome = await signIn(amplifyUser("bob@example.com"), passwords.bob);
    assert.equal(outcome.event, "success");
    assert.equal(outcome.session.getIdToken().payload["cognito:username"], "bob");
});

test("amplify: five wrong passwords lock, longer each time; the right one is refused meanwhile", async () => {
    for (let turn = 0; turn < 5; turn += 1)
        failed(await signIn(amplifyUser("bob"), "wrong"), ...WRONG);
    const LOCKED = ["NotAuthorizedException", "Password attempts exceeded"];
    // The clock is set back, or a slow machine would meet the end of the lock.
    await control("clock", { offset: -20 });
    failed(await signIn(amplifyUser("bob"), passwords.bob), ...LOCKED);
    await control("clock", { offset: 2 });
    failed(await signIn(amplifyUser("bob"), "wrong"), ...WRONG);
    await control("clock", { offset: -20 });
    failed(await signIn(amplifyUser("bob"), passwords.bob), ...LOCKED);
    await control("clock", { offset: 6 });
    assert.equal((await signIn(amplifyUser("bob"), passwords.bob)).event, "success");
});

test("amplify: SMS code, and a choice between two kinds of code", async () => {
    const attributes = { email: "bob@example.com", phone_number: "+15555559878" };
    await control("user", { username: "bob", attributes, mfa: ["SMS_MFA"] });
    const user = amplifyUser("bob");
    const asked = await signIn(user, passwords.bob);
    assert.equal(asked.event, "mfa");
    assert.equal(asked.parameters.CODE_DELIVERY_DESTINATION, "*******9878");
    assert.equal((await sendMfaCode(user, await lastCode("bob"))).event, "success");

    await control("user", { username: "alice", attributes, mfa: ["SMS_MFA", "SOFTWARE_TOKEN_MFA"] });
    const other = amplifyUser("alice");
    assert.equal((await signIn(other, passwords.alice)).event, "select");
    assert.equal((await step(other, "sendMFASelectionAnswer", "SOFTWARE_TOKEN_MFA")).event, "totp");
    const done = await sendMfaCode(other, await totp("alice"), "SOFTWARE_TOKEN_MFA");
    assert.equal(done.event, "success");
});

test("amplify: custom challenge", async () => {
    const user = amplifyUser("bob", clients.choice);
    user.setAuthenticationFlowType("CUSTOM_AUTH");
    const asked = await signIn(user, passwords.bob);
    assert.equal(asked.event, "custom");
    assert.equal((await step(user, "sendCustomChallengeAnswer", "wrong")).event, "custom");
    assert.equal((await step(user, "sendCustomChallengeAnswer", "please")).event, "success");
});

test("amplify: change of password, attributes of the signed-in user", async () => {
    const user = amplifyUser("bob");
    await signIn(user, passwords.bob);
    const change = (from, to) => new Promise((resolve) =>
        user.changePassword(from, to, (error, value) => resolve(error?.code ?? value)));
    assert.equal(await change("wrong", "Bob-New-One-1!"), "NotAuthorizedException");
    assert.equal(await change(passwords.bob, "Bob-New-One-1!"), "SUCCESS");
    assert.equal((await signIn(amplifyUser("bob"), "Bob-New-One-1!")).event, "success");
});

// --- the AWS SDK and cognito-srp-helper ---

test("srp-helper: SRP sign-in, public client", async () => {
    const answer = await helperSignIn("bob", passwords.bob, clients.srp);
    assert.equal(answer.AuthenticationResult.TokenType, "Bearer");
    assert.equal(answer.AuthenticationResult.ExpiresIn, 3600);
});

test("srp-helper: SRP sign-in, client with a secret", async () => {
    const answer = await helperSignIn("bob", passwords.bob, clients.secret, secret);
    assert.ok(answer.AuthenticationResult.IdToken);
});

test("srp-helper: the SECRET_HASH is missing, or of another secret", async () => {
    let error = await refusal(helperSignIn("bob", passwords.bob, clients.secret));
    assert.equal(error.name, "NotAuthorizedException");
    assert.equal(error.message,
        "Client localsecret is configured for secret but secret was not received");
    error = await refusal(helperSignIn("bob", passwords.bob, clients.secret, "another"));
    assert.equal(error.message, "Unable to verify secret hash for client localsecret");
});

test("sdk: errors arrive as their classes", async () => {
    const error = await refusal(send("InitiateAuth", {
        AuthFlow: "USER_PASSWORD_AUTH", ClientId: clients.password,
        AuthParameters: { USERNAME: "bob", PASSWORD: "wrong" },
    }));
    assert.equal(error.constructor.name, "NotAuthorizedException");
    assert.equal(error.$metadata.httpStatusCode, 400);
    assert.ok(error.$metadata.requestId);
});

test("sdk: refresh with a client secret hashes the stored user name", async () => {
    const hash = { SECRET_HASH: secretHash("bob", clients.secret) };
    const signedIn = await send("InitiateAuth", {
        AuthFlow: "USER_PASSWORD_AUTH", ClientId: clients.secret,
        AuthParameters: { USERNAME: "bob", PASSWORD: passwords.bob, ...hash },
    });
    const again = (name) => send("InitiateAuth", {
        AuthFlow: "REFRESH_TOKEN_AUTH", ClientId: clients.secret,
        AuthParameters: {
            REFRESH_TOKEN: signedIn.AuthenticationResult.RefreshToken,
            SECRET_HASH: secretHash(name, clients.secret),
        },
    });
    assert.equal((await again("bob")).AuthenticationResult.RefreshToken, undefined);
    assert.equal((await refusal(again("bob@example.com"))).message,
        "Unable to verify secret hash for client localsecret");
});

test("sdk: rotating refresh tokens, grace, reuse", async () => {
    const signedIn = await send("InitiateAuth", {
        AuthFlow: "USER_PASSWORD_AUTH", ClientId: clients.rotating,
        AuthParameters: { USERNAME: "bob", PASSWORD: passwords.bob },
    });
    await control("client", { id: clients.rotating, grace: 10 });
    const old = signedIn.AuthenticationResult.RefreshToken;
    const next = (token) => send("GetTokensFromRefreshToken",
        { RefreshToken: token, ClientId: clients.rotating });
    const first = (await next(old)).AuthenticationResult.RefreshToken;
    assert.notEqual(first, old);
    await next(old);
    await control("clock", { offset: 11 });
    assert.equal((await refusal(next(old))).name, "RefreshTokenReuseException");
    await next(first);
});

test("sdk: a session is single use and expires", async () => {
    const begin = () => send("InitiateAuth", {
        AuthFlow: "USER_PASSWORD_AUTH", ClientId: clients.password,
        AuthParameters: { USERNAME: "alice", PASSWORD: passwords.alice },
    });
    const answer = async (Session) => send("RespondToAuthChallenge", {
        ChallengeName: "SOFTWARE_TOKEN_MFA", ClientId: clients.password, Session,
        ChallengeResponses: { USERNAME: "alice", SOFTWARE_TOKEN_MFA_CODE: await totp("alice") },
    });
    const { Session } = await begin();
    assert.match(Session, /^AYABe[\w-]{1500,1600}$/);
    await answer(Session);
    assert.equal((await refusal(answer(Session))).message,
        "Invalid session for the user, session can only be used once.");
    const late = (await begin()).Session;
    await control("clock", { offset: 181 });
    assert.equal((await refusal(answer(late))).message,
        "Invalid session for the user, session is expired.");
});

test("sdk: MFA set-up during sign-in", async () => {
    await control("pool", { mfa: "required" });
    const signedIn = await send("InitiateAuth", {
        AuthFlow: "USER_PASSWORD_AUTH", ClientId: clients.password,
        AuthParameters: { USERNAME: "bob", PASSWORD: passwords.bob },
    });
    assert.equal(signedIn.ChallengeName, "MFA_SETUP");
    const software = await send("AssociateSoftwareToken", { Session: signedIn.Session });
    assert.match(software.SecretCode, /^[A-Z2-7]{32,}$/);
    await control("user", { username: "bob", totp: software.SecretCode });
    const code = await totp("bob");
    await control("user", { username: "bob", totp: null });
    const verified = await send("VerifySoftwareToken",
        { Session: software.Session, UserCode: code, FriendlyDeviceName: "test" });
    assert.equal(verified.Status, "SUCCESS");
    const done = await send("RespondToAuthChallenge", {
        ChallengeName: "MFA_SETUP", ClientId: clients.password, Session: verified.Session,
        ChallengeResponses: { USERNAME: "bob" },
    });
    assert.ok(done.AuthenticationResult.AccessToken);
});

test("sdk: choice-based sign-in with an e-mailed code of eight digits", async () => {
    const start = await send("InitiateAuth", {
        AuthFlow: "USER_AUTH", ClientId: clients.choice, AuthParameters: { USERNAME: "bob" },
    });
    assert.equal(start.ChallengeName, "SELECT_CHALLENGE");
    assert.deepEqual(start.AvailableChallenges, ["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP"]);
    const sent = await send("RespondToAuthChallenge", {
        ChallengeName: "SELECT_CHALLENGE", ClientId: clients.choice, Session: start.Session,
        ChallengeResponses: { USERNAME: "bob", ANSWER: "EMAIL_OTP" },
    });
    assert.equal(sent.ChallengeParameters.CODE_DELIVERY_DESTINATION, "b***@e***");
    const code = await lastCode("bob");
    assert.match(code, /^\d{8}$/);
    const done = await send("RespondToAuthChallenge", {
        ChallengeName: "EMAIL_OTP", ClientId: clients.choice, Session: sent.Session,
        ChallengeResponses: { USERNAME: "bob", EMAIL_OTP_CODE: code },
    });
    assert.ok(done.AuthenticationResult.IdToken);
});

test("sdk: who has MFA is offered no code as a first factor", async () => {
    const start = await send("InitiateAuth", {
        AuthFlow: "USER_AUTH", ClientId: clients.choice, AuthParameters: { USERNAME: "alice" },
    });
    assert.deepEqual(start.AvailableChallenges, ["PASSWORD_SRP", "PASSWORD"]);
});

test("sdk: forgotten password", async () => {
    const ClientId = clients.password;
    const sent = await send("ForgotPassword", { ClientId, Username: "frank" });
    assert.equal(sent.CodeDeliveryDetails.Destination, "f***@e***");
    const confirm = (ConfirmationCode) => send("ConfirmForgotPassword",
        { ClientId, Username: "frank", ConfirmationCode, Password: "Frank-Recalls-4!" });
    assert.equal((await refusal(confirm("000000"))).name, "CodeMismatchException");
    await confirm(await lastCode("frank"));
    assert.equal((await signIn(amplifyUser("frank"), "Frank-Recalls-4!")).event, "success");
});

test("sdk: GetUser, RevokeToken, and the access token of a revoked sign-in", async () => {
    const { AuthenticationResult: tokens } = await helperSignIn("bob", passwords.bob, clients.srp);
    const user = await send("GetUser", { AccessToken: tokens.AccessToken });
    assert.equal(user.Username, "bob");
    await send("RevokeToken", { Token: tokens.RefreshToken, ClientId: clients.srp });
    assert.equal((await refusal(send("GetUser", { AccessToken: tokens.AccessToken }))).message,
        "Access Token has been revoked");
});

// --- tokens ---

test("tokens: signatures hold against the JWKS with node's own crypto, one key per kind", async () => {
    const { AuthenticationResult: tokens } = await helperSignIn("bob", passwords.bob, clients.srp);
    const { keys } = await jwks();
    const kids = [tokens.IdToken, tokens.AccessToken].map((token) => {
        const { kid } = part(token, 0);
        const key = createPublicKey({ key: keys.find((k) => k.kid === kid), format: "jwk" });
        const cut = token.lastIndexOf(".");
        assert.ok(verify("sha256", token.slice(0, cut), key,
            Buffer.from(token.slice(cut + 1), "base64url")));
        assert.match(kid, /^[A-Za-z0-9+/]{43}=$/);
        return kid;
    });
    assert.notEqual(kids[0], kids[1]);
});

test("tokens: the raw JSON escapes slashes; no typ; groups absent for who has none", async () => {
    await control("user", { username: "bob", groups: [] });
    const { AuthenticationResult: tokens } = await helperSignIn("bob", passwords.bob, clients.srp);
    const raw = Buffer.from(tokens.IdToken.split(".")[1], "base64url").toString();
    assert.ok(raw.includes('"iss":"https:\\/\\/'));
    assert.ok(!("typ" in part(tokens.IdToken, 0)));
    assert.ok(!("cognito:groups" in part(tokens.IdToken, 1)));
    assert.equal(part(tokens.AccessToken, 1).scope, "aws.cognito.signin.user.admin");
    assert.ok(!("aud" in part(tokens.AccessToken, 1)));
});

test("tokens: aws-jwt-verify accepts them over the network, by issuer and audience", async () => {
    const { AuthenticationResult: tokens } = await helperSignIn("bob", passwords.bob, clients.srp);
    const verifier = jwtVerify.JwtVerifier.create({
        issuer: `${url}/${poolId}`, audience: clients.srp,
        jwksUri: `${url}/${poolId}/.well-known/jwks.json`,
    });
    assert.equal((await verifier.verify(tokens.IdToken)).sub, part(tokens.IdToken, 1).sub);
});

for (const issuerType of ["original", "updated"]) {
    test(`tokens: aws-jwt-verify's Cognito verifier accepts the ${issuerType} issuer`, async () => {
        const base = process.env.AWS_NAMED_URL;
        const post = (path, body, headers) => fetch(base + path,
            { method: "POST", headers, body: JSON.stringify(body) }).then((r) => r.json());
        await post("/_test/pool", { issuer_type: issuerType });
        const { AuthenticationResult: tokens } = await post("/", {
            AuthFlow: "USER_PASSWORD_AUTH", ClientId: clients.password,
            AuthParameters: { USERNAME: "bob", PASSWORD: passwords.bob },
        }, { "content-type": "application/x-amz-json-1.1",
            "x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth" });
        for (const [tokenUse, token] of [["id", tokens.IdToken], ["access", tokens.AccessToken]]) {
            const verifier = jwtVerify.CognitoJwtVerifier.create({
                userPoolId: poolId, tokenUse, clientId: clients.password, groups: "linux-users",
            });
            verifier.cacheJwks(await jwks(base));
            assert.equal((await verifier.verify(token)).token_use, tokenUse);
        }
    });
}

// --- openid-client ---

const redirectUri = "http://localhost:8400/callback";

for (const clientId of [clients.srp, clients.secret]) {
    test(`openid-client: code flow with PKCE, state and nonce as ${clientId}`, async () => {
        const client = await relyingParty(clientId);
        const verifier = openid.generators.codeVerifier();
        const [state, nonce] = [openid.generators.state(), openid.generators.nonce()];
        const address = client.authorizationUrl({
            redirect_uri: redirectUri, scope: "openid email", state, nonce,
            code_challenge: openid.generators.codeChallenge(verifier),
            code_challenge_method: "S256",
        });
        const parameters = client.callbackParams(browse("alice", address));
        // It checks signature, iss, aud, exp, nonce and at_hash.
        const checks = { state, nonce, code_verifier: verifier, response_type: "code" };
        const tokens = await client.callback(redirectUri, parameters, checks);
        assert.equal(tokens.claims()["cognito:username"], "alice");
        assert.ok(tokens.claims().at_hash);
        assert.equal((await client.userinfo(tokens)).username, "alice");
        const fresh = await client.refresh(tokens);
        assert.equal(fresh.claims().sub, tokens.claims().sub);
        await assert.rejects(client.callback(redirectUri, parameters, checks),
            { error: "invalid_grant" });
        await client.revoke(tokens.refresh_token);
        await assert.rejects(client.refresh(tokens), { error: "invalid_grant" });
    });
}

test("openid-client: what authorize refuses", async () => {
    const client = await relyingParty(clients.srp);
    const address = client.authorizationUrl({
        redirect_uri: redirectUri, scope: "openid offline_access", state: "s" });
    const parameters = client.callbackParams(browse("bob", address));
    await assert.rejects(client.callback(redirectUri, parameters, { state: "s" }),
        { error: "invalid_scope" });
});

for (const clientId of [clients.srp, clients.secret]) {
    test(`openid-client: device flow as ${clientId}`, async () => {
        await control("pool", { device_interval: 1 });
        const client = await relyingParty(clientId, true);
        const handle = await client.deviceAuthorization({ scope: "openid" });
        const polling = handle.poll();
        assert.ok(browse("bob", handle.verification_uri_complete).includes("Thank you"));
        assert.equal((await polling).claims()["cognito:username"], "bob");
    });
}

test("openid-client: device flow, slowed down and denied", async () => {
    await control("pool", { device_interval: 0.1, device_slow_downs: 1 });
    const client = await relyingParty(clients.srp, true);
    const handle = await client.deviceAuthorization({ scope: "openid" });
    const started = Date.now();
    const polling = assert.rejects(handle.poll(), { error: "access_denied" });
    setTimeout(() => control("device", { user_code: handle.user_code, approve: null }), 1000);
    await polling;
    assert.ok(Date.now() - started > 5000);
});

process.exitCode = await run(() => control("reset")) ? 0 : 1;
