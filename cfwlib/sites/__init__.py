"""Where further permanent sites would help most, each answer with its proof or its gap."""

from cfwlib.sites.capacitated import CapacitatedChoice, choose_capacitated
from cfwlib.sites.check import check_capacitated
from cfwlib.sites.study import QUESTIONS, SitesStudy, study_sites
