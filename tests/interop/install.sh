#!/bin/sh
# SPDX-License-Identifier: MIT
#
# install.sh FOLDER: puts the servers and clients that nobody here wrote there, from npm, at fixed
# versions that node 18 runs.
set -eu
PACKAGES="cognito-local@5.3.0 amazon-cognito-identity-js@6.3.21 cognito-srp-helper@2.3.4 aws-jwt-verify@5.2.1
    @aws-sdk/client-cognito-identity-provider@3.840.0 openid-client@5.7.1 oidc-provider@8.8.1"

mkdir -p "$1"
cd "$1"
[ "$(cat installed 2>/dev/null)" = "$PACKAGES" ] && exit
# PACKAGES is a list.
# shellcheck disable=SC2086
timeout 300 npm install --prefix "$1" --no-package-lock --no-save --no-audit --no-fund \
    --ignore-scripts --loglevel=error $PACKAGES
echo "$PACKAGES" >installed
