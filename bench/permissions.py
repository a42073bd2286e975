"""What a permission check, a filtered list and compiling cost, as ratios; ``make bench-permissions``.

The world of the checks: 60 permissions, 10 roles, 1000 agents. Beside our check stand Cedar with
policies and entities that it has parsed before, and Casbin with the same world as its own rules.
"""

import argparse
import json
import timeit
from collections.abc import Callable
from random import Random
from statistics import median

import casbin
import cedarpy
from casbin.model import Model
from sqlalchemy import Column, Connection, Index, Integer, MetaData, String, Table, create_engine
from sqlalchemy import insert, select, text

from switchroom.permissions.catalog import Catalog
from switchroom.permissions.check import allows
from switchroom.permissions.compile import Compiled, compile_authority
from switchroom.permissions.declare import Feature, Resource
from switchroom.permissions.model import Authority, Binding, Role, Row, Scope, Statement
from switchroom.store.overlaps import TagsColumn
from switchroom.store.tables.base import TAGS
from switchroom.store.visible import ScopeColumns, visible

RESOURCES, VERBS, ROLES, AGENTS, TAG_COUNT = 12, 5, 10, 1000, 20
ROWS = 100_000
PAGE = 50
REPEATS = 7
"""
