#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The operations that an export of the pool's people needs, page by page, dates as epoch numbers."""
import base64

import challenge
from create_api import find_pool, find_user, needed
from errors import ApiError, invalid_parameter

PAGE_MOST = 60
FIRST_DAY = 1714564800.123


def described(pool, user):
    """What ListUsers says of a user; AdminGetUser calls the list UserAttributes. Nobody is as old as
    the one before."""
    made = FIRST_DAY + [each.username for each in pool.users.values()].index(user.username)
    attributes = {"sub": user.sub, **challenge.attribute_strings(user)}
    return {"Username": user.username, "Attributes": [{"Name": name, "Value": value} for name, value in attributes.items()],
            "UserCreateDate": made, "UserLastModifiedDate": made, "Enabled": user.enabled, "UserStatus": user.status}


def page(request, people, token_name):
    """The users of one page, and the token of the next."""
    limit = request.get("Limit", PAGE_MOST)
    if not isinstance(limit, int) or not 0 < limit <= PAGE_MOST:
        raise invalid_parameter("1 validation error detected: Value at 'limit' failed to satisfy constraint")
    try:
        start = int(base64.b64decode(request.get(token_name) or "MA==", validate=True))
    except ValueError:
        raise invalid_parameter("Invalid token") from None
    answer = {"Users": people[start:start + limit]}
    if start + limit < len(people):
        answer[token_name] = base64.b64encode(str(start + limit).encode()).decode()
    return answer


def list_users_in_group(state, request):
    pool, group = find_pool(state, request), needed(request, "GroupName")
    if group not in pool.group_names():
        raise ApiError("ResourceNotFoundException", "Group not found.")
    return page(request, [described(pool, user) for user in pool.users.values() if group in user.groups], "NextToken")


def list_users(state, request):
    pool = find_pool(state, request)
    return page(request, [described(pool, user) for user in pool.users.values()], "PaginationToken")


def admin_get_user(state, request):
    user = find_user(state, request)
    answer = described(state.pool, user)
    return {**{name: value for name, value in answer.items() if name != "Attributes"}, "UserAttributes": answer["Attributes"]}


def describe_user_pool_client(state, request):
    pool, name = find_pool(state, request), needed(request, "ClientId")
    client = pool.clients.get(name)
    if client is None:
        raise ApiError("ResourceNotFoundException", f"User pool client {name} does not exist.")
    answer = {"UserPoolId": pool.id, "ClientName": client.name, "ClientId": client.id, "ExplicitAuthFlows": client.flows,
              "LastModifiedDate": FIRST_DAY, "CreationDate": FIRST_DAY}
    if client.secret is not None:
        answer["ClientSecret"] = client.secret
    if client.fields.get("write_attributes") is not None:
        answer["WriteAttributes"] = client.fields["write_attributes"]
    return {"UserPoolClient": answer}
