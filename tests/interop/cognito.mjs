// SPDX-License-Identifier: MIT
//
// The local Cognito as the tests here reach it, and four clients nobody of us wrote:
// amazon-cognito-identity-js (Amplify's), the AWS SDK, cognito-srp-helper with that SDK, and
// openid-client.
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { webcrypto } from "node:crypto";

// Node 18 has no global crypto; browsers' libraries expect one.
globalThis.crypto ??= webcrypto;

const require = createRequire(process.env.MODULES + "/");
const identity = require("amazon-cognito-identity-js");
const helper = require("cognito-srp-helper");

export const sdk = require("@aws-sdk/client-cognito-identity-provider");
export const openid = require("openid-client");
export const jwtVerify = require("aws-jwt-verify");
export const url = process.env.COGNITO_URL;
export const poolId = "eu-west-1_Local0001";
export const clients = {
    srp: "6o7h8i9jlocalpublic",
    password: "localpassword",
    secret: "localsecret",
    choice: "localchoice",
    rotating: "localrotating",
};
export const secret = "local0secret0of0the0confidential0client0000000000001";
export const passwords = {
    alice: "Correct-Horse-9!",
    bob: "Battery-Staple-8!",
    dave: "Dave-Disabled-6!",
    erin: "Erin-Temporary-5!",
    frank: "Frank-Forgot-4!",
    grace: "Grace-Unconfirmed-3!",
    "ålice-ж": "Пароль-9!é",
};

export async function control(command, fields = {}) {
    const answer = await fetch(`${url}/_test/${command}`, {
        method: "POST",
        body: JSON.stringify(fields),
    });
    const value = await answer.json();
    if (!answer.ok)
        throw new Error(`${command}: ${value.error}`);
    return value;
}

export async function totp(username, skew = 0) {
    return (await control("totp", { username, skew })).code;
}

export async function lastCode(username) {
    const { lines } = await control("outbox");
    return lines.filter((line) => line.username === username).pop().code;
}

// Signs in on the pages, as a person with a browser would; where that ends.
export function browse(username, address) {
    const [command, ...start] = process.env.CONTROL.split(" ");
    return execFileSync(command, [...start, "browse", username, address]).toString().trim();
}

// --- openid-client: what it discovers, and where a broker would announce the device flow ---

export async function relyingParty(clientId, broker = false) {
    const native = await openid.Issuer.discover(`${url}/${poolId}`);
    const issuer = broker ? new openid.Issuer({
        ...native.metadata,
        token_endpoint: `${url}/device/token`,
        device_authorization_endpoint: `${url}/device/authorize`,
    }) : native;
    return new issuer.Client(clientId === clients.secret
        ? { client_id: clientId, client_secret: secret }
        : { client_id: clientId, token_endpoint_auth_method: "none" });
}

// --- amazon-cognito-identity-js: callbacks turned into one settled value {event, ...} ---

export function amplifyUser(username, clientId = clients.srp) {
    const pool = new identity.CognitoUserPool({
        UserPoolId: poolId, ClientId: clientId, endpoint: url + "/",
    });
    return new identity.CognitoUser({ Username: username, Pool: pool });
}

function callbacks(resolve) {
    return {
        onSuccess: (session) => resolve({ event: "success", session }),
        onFailure: (error) => resolve({ event: "failure", error }),
        totpRequired: (name, parameters) => resolve({ event: "totp", name, parameters }),
        mfaRequired: (name, parameters) => resolve({ event: "mfa", name, parameters }),
        selectMFAType: (name, parameters) => resolve({ event: "select", name, parameters }),
        mfaSetup: (name, parameters) => resolve({ event: "setup", name, parameters }),
        customChallenge: (parameters) => resolve({ event: "custom", parameters }),
        newPasswordRequired: (attributes, required) =>
            resolve({ event: "new-password", attributes, required }),
    };
}

export function signIn(user, password, flow) {
    if (flow)
        user.setAuthenticationFlowType(flow);
    const details = new identity.AuthenticationDetails({
        Username: user.getUsername(), Password: password,
    });
    return new Promise((resolve) => user.authenticateUser(details, callbacks(resolve)));
}

// Any other method of a CognitoUser that takes these callbacks last (or before a trailing name).
export function step(user, method, ...values) {
    return new Promise((resolve) => user[method](...values, callbacks(resolve)));
}

export function sendMfaCode(user, code, kind) {
    return new Promise((resolve) => user.sendMFACode(code, callbacks(resolve), kind));
}

export function refresh(user, token) {
    return new Promise((resolve) => user.refreshSession(token, (error, session) =>
        resolve(error ? { event: "failure", error } : { event: "success", session })));
}

// --- the AWS SDK ---

export const idp = new sdk.CognitoIdentityProviderClient({
    region: "eu-west-1",
    endpoint: url,
    maxAttempts: 1,
    // The operations are unauthenticated; the SDK wants credentials only to be constructed.
    credentials: { accessKeyId: "none", secretAccessKey: "none" },
});

export function send(operation, input) {
    return idp.send(new sdk[operation + "Command"](input));
}

// The error an operation is expected to end in.
export async function refusal(promise) {
    try {
        await promise;
    } catch (error) {
        return error;
    }
    throw new Error("was not refused");
}

// A whole SRP sign-in of cognito-srp-helper, with SECRET_HASH where a secret is given.
export async function helperSignIn(username, password, clientId, clientSecret) {
    const proof = clientSecret
        ? { SECRET_HASH: helper.createSecretHash(username, clientId, clientSecret) } : {};
    const session = helper.createSrpSession(username, password, poolId, false);
    const first = await send("InitiateAuth", helper.wrapInitiateAuth(session, {
        ClientId: clientId, AuthFlow: "USER_SRP_AUTH",
        AuthParameters: { CHALLENGE_NAME: "SRP_A", USERNAME: username, ...proof },
    }));
    const signed = helper.signSrpSession(session, first);
    return send("RespondToAuthChallenge", helper.wrapAuthChallenge(signed, {
        ClientId: clientId, ChallengeName: "PASSWORD_VERIFIER",
        ChallengeResponses: { USERNAME: username, ...proof },
        Session: first.Session,
    }));
}

export const secretHash = (username, clientId) =>
    helper.createSecretHash(username, clientId, secret);
