#!/bin/bash
# Figures as ratios of interleaved runs, measured in a throw-away copy of the machine: the
# module as installed, pamtester as the host, nginx as a server that costs next to nothing
# (it hands out one token answer that the local Cognito minted). Called by `make bench`.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
if [ "${1:-}" != --inside ]; then
    HOST_BIND=$here exec bash "$here/tests/host.sh" bash "$here/tests/bench/bench.sh" --inside "$BUILD"
fi
BUILD=$2
cd "$here"
. tests/copy/setup.sh

web=/srv/web
mkdir -p "$web/oauth2"
/usr/bin/python3 - "$state" "$web" <<'PY'
import json, sys, urllib.parse
sys.path.insert(0, "tests/cognito")
from control import Cognito
state, web = sys.argv[1:]
cognito = Cognito(state, start=False)
cognito.pool(id_validity=86400, access_validity=86400)
broker = next(c for c in json.load(open("tests/cognito/pool.json"))["clients"] if c.get("ropc"))
form = {"grant_type": "password", "username": "bob", "password": "Battery-Staple-8!", "client_id": broker["id"]}
if broker.get("secret"):
    form["client_secret"] = broker["secret"]
connection = cognito.connect()
connection.request("POST", "/oauth2/token", urllib.parse.urlencode(form),
                   {"Content-Type": "application/x-www-form-urlencoded"})
answer = connection.getresponse()
assert answer.status == 200, answer.read()
open(web + "/oauth2/token", "wb").write(answer.read())
open("/srv/form", "w").write(urllib.parse.urlencode(form))
config = json.load(open(state + "/config.json"))
config["config"]["client_id"] = broker["id"]
if broker.get("secret"):
    config["config"]["client_secret"] = broker["secret"]
config["config"]["token_url"] = "https://acme.auth.eu-west-1.amazoncognito.com:8443/oauth2/token"
config["login"] = {"password_method": "ropc"}
config["network"] = {"ca_file": state + "/ca.pem"}
open("/etc/pam_cognito_oidc/config.json", "w").write(json.dumps(config))
PY
chmod 600 /etc/pam_cognito_oidc/config.json
cat >/srv/nginx.conf <<CONF
worker_processes 1;
pid /run/nginx.pid;
error_log /srv/nginx.err;
events { }
http {
    access_log off;
    server {
        listen 127.0.0.1:8443 ssl;
        ssl_certificate $state/server.pem;
        ssl_certificate_key $state/server.pem;
        ssl_protocols TLSv1.3;
        root $web;
        default_type application/json;
        error_page 405 =200 \$uri;
    }
}
CONF
nginx -c /srv/nginx.conf
printf 'auth required pam_cognito_oidc.so\n' >/etc/pam.d/pamtester
printf 'auth required pam_permit.so\n' >/etc/pam.d/permit
/usr/bin/python3 tests/bench/measure.py "$state" "$BUILD"
