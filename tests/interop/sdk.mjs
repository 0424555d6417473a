// SPDX-License-Identifier: MIT
//
// The challenges of the local Cognito, driven by the AWS SDK for JavaScript and by
// cognito-srp-helper: those that tests/fidelity does not reach with the SDK. Run by interop.sh.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

import {
    clients, control, lastCode, passwords, poolId, refusal, secretHash, send, totp,
} from "./cognito.mjs";
import { run, test } from "./tap.mjs";

const require = createRequire(process.env.MODULES + "/");
const helper = require("cognito-srp-helper");
const part = (token, index) => JSON.parse(Buffer.from(token.split(".")[index], "base64url"));
const phone = { email: "bob@example.com", email_verified: true, phone_number: "+15550009878" };
const app = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

function begin(username, flow = "USER_PASSWORD_AUTH", parameters = {}) {
    const start = flow === "USER_AUTH" ? {} : { PASSWORD: passwords[username] };
    return send("InitiateAuth", {
        AuthFlow: flow, ClientId: flow === "USER_AUTH" ? clients.choice : clients.password,
        AuthParameters: { USERNAME: username, ...start, ...parameters },
    });
}

function respond(asked, username, responses, ClientId = clients.password) {
    return send("RespondToAuthChallenge", {
        ChallengeName: asked.ChallengeName, ClientId, Session: asked.Session,
        ChallengeResponses: { USERNAME: username, ...responses },
    });
}

function signedIn(answer, username) {
    assert.equal(answer.ChallengeName, undefined);
    assert.equal(answer.AuthenticationResult.TokenType, "Bearer");
    assert.equal(part(answer.AuthenticationResult.IdToken, 1)["cognito:username"], username);
    return answer.AuthenticationResult;
}

async function refused(promise, name) {
    const error = await refusal(promise);
    assert.equal(error.name, name);
    return error;
}

// --- second factors ---

for (const [kind, destination] of [["EMAIL_OTP", "b***@e***"], ["SMS_MFA", "*******9878"]]) {
    test(`sdk: ${kind} as the second factor: wrong, then right`, async () => {
        await control("user", { username: "bob", mfa: [kind], attributes: phone });
        const asked = await begin("bob");
        assert.equal(asked.ChallengeName, kind);
        assert.equal(asked.ChallengeParameters.CODE_DELIVERY_DESTINATION, destination);
        assert.equal(asked.ChallengeParameters.CODE_DELIVERY_DELIVERY_MEDIUM,
            kind === "SMS_MFA" ? "SMS" : "EMAIL");
        const code = await lastCode("bob");
        assert.match(code, /^\d{6}$/);
        await refused(respond(asked, "bob", { [kind + "_CODE"]: "000000" }), "CodeMismatchException");
        signedIn(await respond(asked, "bob", { [kind + "_CODE"]: code }), "bob");
    });
}

test("sdk: SOFTWARE_TOKEN_MFA: wrong, then right", async () => {
    const asked = await begin("alice");
    assert.equal(asked.ChallengeName, "SOFTWARE_TOKEN_MFA");
    await refused(respond(asked, "alice", { SOFTWARE_TOKEN_MFA_CODE: "000000" }), "CodeMismatchException");
    signedIn(await respond(asked, "alice", { SOFTWARE_TOKEN_MFA_CODE: await totp("alice") }), "alice");
});

test("sdk: SELECT_MFA_TYPE, then the factor that was chosen", async () => {
    await control("user", {
        username: "bob", mfa: ["SMS_MFA", "SOFTWARE_TOKEN_MFA"], attributes: phone, totp: app,
    });
    const asked = await begin("bob");
    assert.equal(asked.ChallengeName, "SELECT_MFA_TYPE");
    assert.deepEqual(JSON.parse(asked.ChallengeParameters.MFAS_CAN_CHOOSE).sort(),
        ["SMS_MFA", "SOFTWARE_TOKEN_MFA"]);
    const next = await respond(asked, "bob", { ANSWER: "SMS_MFA" });
    assert.equal(next.ChallengeName, "SMS_MFA");
    signedIn(await respond(next, "bob", { SMS_MFA_CODE: await lastCode("bob") }), "bob");
});

// --- choice-based sign-in ---

test("sdk: SMS_OTP as the first factor: wrong, then right", async () => {
    await control("user", { username: "bob", attributes: phone });
    await control("pool", { first_factors: ["PASSWORD", "SMS_OTP"] });
    const asked = await begin("bob", "USER_AUTH");
    assert.ok(asked.AvailableChallenges.includes("SMS_OTP"));
    const sent = await respond(asked, "bob", { ANSWER: "SMS_OTP" }, clients.choice);
    assert.equal(sent.ChallengeName, "SMS_OTP");
    assert.equal(sent.ChallengeParameters.CODE_DELIVERY_DELIVERY_MEDIUM, "SMS");
    await refused(respond(sent, "bob", { SMS_OTP_CODE: "000000" }, clients.choice), "CodeMismatchException");
    signedIn(await respond(sent, "bob", { SMS_OTP_CODE: await lastCode("bob") }, clients.choice), "bob");
});

test("sdk: SELECT_CHALLENGE answered PASSWORD, with the password in the same answer", async () => {
    const asked = await begin("bob", "USER_AUTH");
    assert.equal(asked.ChallengeName, "SELECT_CHALLENGE");
    const answer = (PASSWORD) => respond(asked, "bob", { ANSWER: "PASSWORD", PASSWORD }, clients.choice);
    await refused(answer("wrong"), "NotAuthorizedException");
    const again = await begin("bob", "USER_AUTH");
    signedIn(await respond(again, "bob", { ANSWER: "PASSWORD", PASSWORD: passwords.bob }, clients.choice), "bob");
});

test("sdk: PREFERRED_CHALLENGE PASSWORD, with the password in the first request", async () => {
    const answer = await begin("bob", "USER_AUTH", {
        PREFERRED_CHALLENGE: "PASSWORD", PASSWORD: passwords.bob,
    });
    signedIn(answer, "bob");
});

// SRP by cognito-srp-helper, the sequence by the SDK.
async function choiceSrp(password) {
    const srp = helper.createSrpSession("bob", password, poolId, false);
    const asked = await begin("bob", "USER_AUTH");
    const verifier = await respond(asked, "bob",
        { ANSWER: "PASSWORD_SRP", SRP_A: srp.largeA }, clients.choice);
    assert.equal(verifier.ChallengeName, "PASSWORD_VERIFIER");
    const signed = helper.signSrpSession(srp, verifier);
    return send("RespondToAuthChallenge", helper.wrapAuthChallenge(signed, {
        ClientId: clients.choice, ChallengeName: "PASSWORD_VERIFIER", Session: verifier.Session,
        ChallengeResponses: { USERNAME: "bob" },
    }));
}

test("sdk: SELECT_CHALLENGE answered PASSWORD_SRP, then PASSWORD_VERIFIER", async () => {
    signedIn(await choiceSrp(passwords.bob), "bob");
});

test("sdk: the same with a wrong password", async () => {
    await refused(choiceSrp("wrong"), "NotAuthorizedException");
});

test("sdk: after SELECT_CHALLENGE and the password, the second factor", async () => {
    const asked = await begin("alice", "USER_AUTH");
    const next = await respond(asked, "alice",
        { ANSWER: "PASSWORD", PASSWORD: passwords.alice }, clients.choice);
    assert.equal(next.ChallengeName, "SOFTWARE_TOKEN_MFA");
    signedIn(await respond(next, "alice",
        { SOFTWARE_TOKEN_MFA_CODE: await totp("alice") }, clients.choice), "alice");
});

// --- new passwords ---

test("sdk: NEW_PASSWORD_REQUIRED: refused by the policy, then taken; the old one is dead", async () => {
    const asked = await begin("erin");
    assert.equal(asked.ChallengeName, "NEW_PASSWORD_REQUIRED");
    assert.deepEqual(JSON.parse(asked.ChallengeParameters.requiredAttributes), []);
    assert.equal(JSON.parse(asked.ChallengeParameters.userAttributes).email, "erin@example.com");
    const error = await refused(respond(asked, "erin", { NEW_PASSWORD: "short" }), "InvalidPasswordException");
    assert.match(error.message, /^Password did not conform with policy/);
    signedIn(await respond(asked, "erin", { NEW_PASSWORD: "Erin-Permanent-5!" }), "erin");
    await refused(begin("erin"), "NotAuthorizedException");
    signedIn(await begin("erin", undefined, { PASSWORD: "Erin-Permanent-5!" }), "erin");
});

test("sdk: NEW_PASSWORD_REQUIRED with a required attribute", async () => {
    await control("pool", { required_attributes: ["given_name"] });
    const asked = await begin("erin");
    assert.deepEqual(JSON.parse(asked.ChallengeParameters.requiredAttributes), ["userAttributes.given_name"]);
    const answer = { NEW_PASSWORD: "Erin-Permanent-5!" };
    await refused(respond(asked, "erin", answer), "InvalidParameterException");
    signedIn(await respond(asked, "erin", { ...answer, "userAttributes.given_name": "Erin" }), "erin");
});

test("sdk: MFA_SETUP: a wrong code, then the right one; the next sign-in asks for a code", async () => {
    await control("pool", { mfa: "required" });
    const asked = await begin("bob");
    assert.equal(asked.ChallengeName, "MFA_SETUP");
    assert.ok(JSON.parse(asked.ChallengeParameters.MFAS_CAN_SETUP).includes("SOFTWARE_TOKEN_MFA"));
    const software = await send("AssociateSoftwareToken", { Session: asked.Session });
    await refused(send("VerifySoftwareToken", { Session: software.Session, UserCode: "000000" }),
        "EnableSoftwareTokenMFAException");
    await control("user", { username: "bob", totp: software.SecretCode });
    const code = await totp("bob");
    await control("user", { username: "bob", totp: null });
    const verified = await send("VerifySoftwareToken", { Session: software.Session, UserCode: code });
    assert.equal(verified.Status, "SUCCESS");
    signedIn(await respond({ ...asked, Session: verified.Session }, "bob", {}), "bob");
    assert.equal((await begin("bob")).ChallengeName, "SOFTWARE_TOKEN_MFA");
});

test("sdk: ChangePassword: wrong old one, policy, then taken", async () => {
    const { AccessToken } = signedIn(await begin("bob"), "bob");
    const change = (PreviousPassword, ProposedPassword) =>
        send("ChangePassword", { AccessToken, PreviousPassword, ProposedPassword });
    await refused(change("wrong", "Bob-New-One-1!"), "NotAuthorizedException");
    await refused(change(passwords.bob, "short"), "InvalidPasswordException");
    assert.equal((await change(passwords.bob, "Bob-New-One-1!")).$metadata.httpStatusCode, 200);
    await refused(begin("bob"), "NotAuthorizedException");
    signedIn(await begin("bob", undefined, { PASSWORD: "Bob-New-One-1!" }), "bob");
});

test("sdk: ForgotPassword and ConfirmForgotPassword, client with a secret", async () => {
    const base = {
        ClientId: clients.secret, Username: "bob",
        SecretHash: secretHash("bob", clients.secret),
    };
    await refused(send("ForgotPassword", { ...base, SecretHash: undefined }), "NotAuthorizedException");
    const sent = await send("ForgotPassword", base);
    assert.equal(sent.CodeDeliveryDetails.DeliveryMedium, "EMAIL");
    const ConfirmationCode = await lastCode("bob");
    const confirm = (fields) => send("ConfirmForgotPassword",
        { ...base, ConfirmationCode, Password: "Bob-Recalls-4!", ...fields });
    await refused(confirm({ ConfirmationCode: "000000" }), "CodeMismatchException");
    await refused(confirm({ Password: "short" }), "InvalidPasswordException");
    await confirm({});
    await refused(confirm({}), "ExpiredCodeException");
    signedIn(await begin("bob", undefined, { PASSWORD: "Bob-Recalls-4!" }), "bob");
});


process.exitCode = await run(() => control("reset")) ? 0 : 1;
