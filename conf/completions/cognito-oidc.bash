# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# bash completion for cognito-oidc(8). The verbs, the options and the forms of their values are those
# that --help prints. The path is fixed: the word on the command line may name another program, and
# nobody has asked to run that yet.

# Completes one value, from the form that --help gives it.
_cognito_oidc_value() { # form, beginning
    local form=${1#[} services
    form=${form#=} form=${form%]} form=${form%...}
    case $form in
    [a-z]*) mapfile -t COMPREPLY < <(compgen -W "${form//|/ }" -- "$2") ;;
    USER) mapfile -t COMPREPLY < <(compgen -u -- "$2") ;;
    HOST) mapfile -t COMPREPLY < <(compgen -A hostname -- "$2") ;;
    SERVICE)
        services=$(cd /etc/pam.d 2>/dev/null && printf '%s\n' *)
        mapfile -t COMPREPLY < <(compgen -W "$services" -- "$2")
        ;;
    DIR)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -d -- "$2")
        ;;
    FILE | PATH)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$2")
        ;;
    esac
}

_cognito_oidc() {
    local command=/usr/sbin/cognito-oidc current=${COMP_WORDS[COMP_CWORD]} option='' line
    local name value words='' options=''
    local verb=${COMP_WORDS[1]}
    COMPREPLY=()
    if [ "$COMP_CWORD" = 1 ]; then
        while read -r name line; do
            [ -z "$line" ] || words+=" $name"
        done < <("$command" --help 2>/dev/null | sed -n '/^  [a-z]/p')
        mapfile -t COMPREPLY < <(compgen -W "$words --help --version" -- "$current")
        return
    fi
    # readline splits --option=value into three words.
    if [ "$current" = = ]; then
        option=${COMP_WORDS[COMP_CWORD - 1]}= current=
    elif [ "${COMP_WORDS[COMP_CWORD - 1]}" = = ]; then
        option=${COMP_WORDS[COMP_CWORD - 2]}=
    elif [ "${current#-}" = "$current" ]; then
        option=${COMP_WORDS[COMP_CWORD - 1]}
    fi
    # Lines of --help: "  --name FORM  text", "  --name  text", and "  FORM  text" for plain words.
    while IFS= read -r line; do
        line=${line#  }
        line=${line%%  *}
        name=${line%% *} value=''
        case $line in
        --*'[='*) name=${line%%'[='*} value="[=${line#*'[='}" ;;
        *' '*) value=${line#* } ;;
        esac
        case $line in
        --*)
            if [ "$option" = "$name=" ] && [ -n "$value" ] ||
                { [ "$option" = "$name" ] && [ -n "$value" ] && [ "${value#'[='}" = "$value" ]; }; then
                _cognito_oidc_value "$value" "$current"
                return
            fi
            case " ${COMP_WORDS[*]:2:COMP_CWORD-2} " in
            *" $name "*) ;;
            *) options+=" $name" ;;
            esac
            ;;
        *) words=$line ;;
        esac
    done < <("$command" "$verb" --help 2>/dev/null | sed -n '/^  [^ #$]/p')
    case $current in
    -*) mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current") ;;
    *) _cognito_oidc_value "$words" "$current" ;;
    esac
}
complete -F _cognito_oidc cognito-oidc
