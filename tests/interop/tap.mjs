// SPDX-License-Identifier: MIT
//
// The least that prints TAP: named tests that run one after another and a closing count.
const tests = [];

export function test(name, body) {
    tests.push({ name, body });
}

export async function run(beforeEach) {
    let passed = 0;
    let failed = 0;
    for (const [index, { name, body }] of tests.entries()) {
        try {
            await beforeEach();
            await body();
            passed += 1;
            console.log(`ok ${index + 1} - ${name}`);
        } catch (error) {
            failed += 1;
            console.log(`not ok ${index + 1} - ${name}`);
            console.log(String(error.stack ?? error).replace(/^/gm, "# "));
        }
    }
    console.log(`1..${tests.length}`);
    console.log(`${passed} passed, ${failed} failed, 0 skipped`);
    return failed === 0;
}
