# What oslo.utils' format inspector says of files, called as Glance calls it when data is uploaded: a JSON line on standard
# input names a file and the disk formats to declare, a JSON line on standard output has the formats that match and the
# declared ones that are accepted.
#
#   ask-oslo.py [FOLDER]    FOLDER holds oslo_utils/ of the version to ask; without it the installed one is asked
import importlib
import json
import logging
import sys
import types

if len(sys.argv) > 1:
    # Its other modules want packages that are not needed here.
    root = sys.argv[1] + '/oslo_utils'
    for name, path in (('oslo_utils', root), ('oslo_utils.imageutils', root + '/imageutils')):
        module = types.ModuleType(name)
        module.__path__ = [path]
        sys.modules[name] = module
    words = types.ModuleType('oslo_utils._i18n')
    words._ = str
    sys.modules['oslo_utils._i18n'] = words
inspector = importlib.import_module('oslo_utils.imageutils.format_inspector')
logging.disable(logging.CRITICAL)

# gpt_safety_checks_nonfatal, as Glance 2025.1 and 2026.1 have it.
nonfatal = {'mbr'}


def read(path):
    wrapper = inspector.InspectWrapper(open(path, 'rb'))
    # The file store's WRITE_CHUNKSIZE.
    while wrapper.read(64 * 1024):
        pass
    wrapper.close()
    return wrapper


def accepts(data, declared):
    found = None
    try:
        matched = {str(each): each for each in data.formats}
        found = matched['iso'] if matched.keys() == {'iso', 'gpt'} else data.format
        if str(found) == declared:
            found.virtual_size
        elif str(found) == 'raw' and declared not in inspector.ALL_FORMATS:
            pass
        elif declared == 'raw':
            found.actual_size
        else:
            return False
        found.safety_check()
        return True
    except AttributeError:
        return True
    except inspector.SafetyCheckFailed as error:
        return found.NAME == 'gpt' and not error.failures.keys() - nonfatal
    except Exception:
        return False


def names(data):
    try:
        return sorted(str(each) for each in data.formats)
    except AttributeError:
        return None


for line in sys.stdin:
    question = json.loads(line)
    data = read(question['path'])
    accepted = [each for each in question['formats'] if accepts(data, each)]
    print(json.dumps({'matches': names(data), 'accepted': accepted}), flush=True)
