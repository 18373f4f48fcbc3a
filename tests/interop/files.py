"""Small files of the layouts that the field publishes, made by hand; figures are made up."""

# ruff: noqa: E501

from pathlib import Path

NMC = """\
stateabb,ccode,year,milex,milper,irst,pec,tpop,upop,cinc,version\r
RUS,365,2015,66418700,844,70898,963212,143888,100700,.0399893,2021\r
RUS,365,2016,69245300,831,70453,973543,143965,101200,.0400789,2021\r
ARM,371,2015,420000,46,-9,4312,2926,1100,.0008100,2021\r
ARM,371,2016,431000,46,-9,4312,-9,1100,.0008049,2021\r
AZE,373,2016,1396000,67,0,20121,9649,3300,-9,2021\r
"""

VDEM = """\
country_name,country_text_id,country_id,year,historical_date,COWcode,v2x_polyarchy,v2x_libdem
"Russia","RUS",11,2015,2015-12-31,365,0.291,0.118
"Russia","RUS",11,2016,2016-12-31,365,0.283,0.114
"Armenia","ARM",105,2015,2015-12-31,371,0.402,0.210
"Armenia","ARM",105,2016,2016-12-31,371,,0.199
"Palestine/Gaza","PSG",138,2016,2016-12-31,,0.155,0.06
"""

POINTS = """\
"ccode"\t"session"\t"iso3c"\t"Countryname"\t"year"\t"NVotesFP"\t"IdealPointFP"\t"Q5%FP"
2\t71\t"USA"\t"United States"\t2016\t77\t2.5\t2.3
365\t71\t"RUS"\t"Russia"\t2016\t77\t0.1\t0.0
371\t71\t"ARM"\t"Armenia"\t2016\t77\t0.5\t0.4
373\t71\t"AZE"\t"Azerbaijan"\t2016\t77\t-0.7\t-0.8
731\t71\t"PRK"\t"North Korea"\t2016\t70\t-1.5\t-1.7
702\t71\t"TJK"\t"Tajikistan"\t2016\tNA\tNA\tNA
"""

SESSIONS = """\
"Row","ccode","session","NVotes","IdealPoint","Q5%","iso3c","Countryname"
1,2,71,77,2.5,2.3,"USA","United States"
2,365,71,77,0.1,0.0,"RUS","Russia"
3,371,71,77,0.5,0.4,"ARM","Armenia"
4,731,71,70,-1.5,-1.7,"PRK","North Korea"
5,365,70,77,0.3,0.0,"RUS","Russia"
6,702,68,77,0.2,0.0,"TJK","Tajikistan"
"""

CONTDIRD = """\
dyad,state1no,state1ab,state2no,state2ab,year,conttype,version
365372,365,"RUS",372,"GRG",2010,1,0.0
365372,372,"GRG",365,"RUS",2010,1,0.0
371373,371,"ARM",373,"AZE",2010,1,0.0
371373,373,"AZE",371,"ARM",2010,1,0.0
372373,372,"GRG",373,"AZE",2010,1,0.0
365371,365,"RUS",371,"ARM",2010,4,0.0
365373,365,"RUS",373,"AZE",2010,4,0.0
365373,373,"AZE",365,"RUS",2010,1,0.0
"""

CONTDIR = """\
dyad,statelno,statelab,statehno,statehab,conttype,begin,end,notes,version
365372,365,RUS,372,GRG,1,199112,201612,,3.2
371373,371,ARM,373,AZE,1,199112,201612,,3.2
373372,372,GRG,373,AZE,1,199112,201612,,3.2
365371,365,RUS,371,ARM,4,199112,200001,made up,3.2
365371,365,RUS,371,ARM,5,200001,201612,made up,3.2
"""

REGISTER = """\
"Transfers of major conventional arms from all countries to all countries."
"Deals with deliveries made for the year range 2015 to 2019"
"A '?' in a column indicates uncertain data."

Recipient,Supplier,Year of order,,Number ordered,,Weapon designation,Weapon description,Number delivered,,Year(s) of delivery,status,Comments,SIPRI TIV per unit,SIPRI TIV for total order,SIPRI TIV of delivered weapons
Armenia,Russia,2015,,4,,Iskander,SSM launcher,4,?,2016,Second hand,"Système, export version",5,20,60
Armenia,Russia,2019,,4,,Su-30MK,FGA aircraft,4,,2019; 2020,New,,50,200,40
Armenia,India,2018,,4,,Swathi,radar,4,,2019,New,,5,20,20
Armenia,unknown supplier(s),2016,,1,,thing,thing,1,?,2016,New,,,,
Azerbaijan,Israel,2015,,2,,Barak,SAM system,2,,2016,New,,30,60,75
Azerbaijan,Turkiye,2015,,2,,Cobra,APV,2,,,New,,1,2,2
Armenia,India,2019,,6,,Akash,SAM system,,,,New,On order,16,96,
Russia,Italy,2010,,60,,LMV,APV,60,,2012; 2013,New,,0.1,6,6
"""

DELIVERIES = """\
"Transfers of major conventional arms. Deals with deliveries made for the year range 'Not specified' to 'Not specified'";
Data generated: 12 Apr 2021 12:26:12 PM;
SIPRI AT Database ID,Supplier,Recipient,Designation,Description,Armament category,Order date,Order date is estimate,Numbers delivered,Numbers delivered is estimate,Delivery year,Delivery year is estimate,Status,SIPRI estimate,TIV deal unit,TIV delivery values,Local production;
1,Russia,Armenia,Iskander,SSM launcher,Artillery,2015,No,4,Yes,2016,No,New,5,5,60,No;
2,Russia,Armenia,Su-30MK,FGA aircraft,Aircraft,2019,No,3,No,2019,No,New,50,50,30,No;
2,Russia,Armenia,Su-30MK,FGA aircraft,Aircraft,2019,No,1,No,2020,No,New,50,50,10,No;
3,India,Armenia,Swathi,radar,Sensors,2018,No,4,No,2019,No,New,5,5,20,No;
4,Israel,Azerbaijan,Barak,SAM system,Air-defence systems,2015,No,2,No,2016,No,New,30,30,75,No;
5,Italy,Russia,LMV,APV,Armoured vehicles,2010,No,40,No,2012,No,New,0.1,0.1,5,No;
5,Italy,Russia,LMV,APV,Armoured vehicles,2010,No,20,No,2013,No,New,0.1,0.1,1,No;
"""
"""The deals of `REGISTER` in the layout with a row for each delivery."""

_ATOP_HEAD = "atopid,cowid,member,yrent,moent,dayent,yrexit,moexit,dayexit,ineffect,bilat,phase,defense,offense,neutral,nonagg,consul,noothall"

ATOP_MEMBERS = f"""\
{_ATOP_HEAD}
4220,350,365,1992,5,15,2002,10,7,0,0,1,1,0,0,1,1,1
4220,350,365,2002,10,7,0,,,1,0,2,1,0,0,1,1,1
4220,350,371,1992,5,15,2002,10,7,0,0,1,1,0,0,1,1,1
4220,350,371,2002,10,7,0,,,1,0,2,1,0,0,1,1,1
4220,350,370,1994,1,3,2002,10,7,0,0,1,1,0,0,1,1,1
4220,350,370,2002,10,7,0,,,1,0,2,1,0,0,1,1,1
4220,350,373,1993,9,24,1999,4,20,0,0,1,1,0,0,1,1,1
4890,,365,1997,8,29,0,,,1,1,1,1,0,0,0,1,1
4890,,371,1997,8,29,0,,,1,1,1,1,0,0,0,1,1
4400,349,365,1993,1,22,0,,,1,0,1,1,0,0,1,1,0
4400,349,371,1993,1,22,0,,,1,0,1,1,0,0,1,1,0
4400,349,370,1993,1,22,0,,,1,0,1,1,0,0,1,1,0
4400,349,373,1993,9,24,0,,,1,0,1,1,0,0,1,1,0
4999,,365,1997,,,0,,,1,1,1,0,0,0,1,0,0
4999,,373,1997,,,0,,,1,1,1,0,0,0,1,0,0
6070,,220,1991,10,1,1992,12,31,0,1,1,0,0,0,0,1,0
6070,,220,1993,1,1,0,,,1,1,3,0,0,0,0,1,0
6070,,220,1993,1,1,0,,,1,1,2,1,0,0,0,1,0
6070,,316,1993,1,1,0,,,1,1,2,1,0,0,0,1,0
6070,,317,1993,1,1,0,,,1,1,3,0,0,0,0,1,0
6080,,220,1995,1,1,0,,,1,1,1,1,0,0,0,0,0
6080,,220,1995,1,1,0,,,1,1,2,0,0,0,0,1,0
6080,,230,1995,1,1,0,,,1,1,1,1,0,0,0,0,0
6080,,230,1995,1,1,0,,,1,1,2,0,0,0,0,1,0
5555,,371,2018,1,1,2018,12,31,0,1,1,0,0,0,0,1,0
5555,,640,2018,1,1,2018,12,31,0,1,1,0,0,0,0,1,0
"""

ATOP_DYADS = """\
dyad,mem1,mem2,year,atopally,defense,offense,neutral,nonagg,consul,bilatno,multino,number,asymm,atopid1,atopid2,atopid3
365371,365,371,2015,1,1,0,0,1,1,1,2,3,0,4220,4400,4890
365371,365,371,2016,1,1,0,0,1,1,1,2,3,0,4220,4400,4890
371373,371,373,2016,1,1,0,0,1,1,0,1,1,0,4400,,
365373,365,373,2016,1,1,0,0,1,1,0,1,1,0,4400,,
"""

_SPELL = "{0}_st_day,{0}_st_month,{0}_st_year,{0}_end_day,{0}_end_month,{0}_end_year"

COW_MEMBERS = f"""\
version4id,ccode,state_name,{_SPELL.format("all")},ss_type,{_SPELL.format("mem")},left_censor,right_censor,defense,neutrality,nonaggression,entente,version
350,365,Russia,15,5,1992,,,,Type I: Defense Pact,15,5,1992,,,,0,1,1,0,1,0,4.1
350,371,Armenia,15,5,1992,,,,Type I: Defense Pact,15,5,1992,,,,0,1,1,0,1,0,4.1
350,373,Azerbaijan,15,5,1992,,,,Type I: Defense Pact,15,5,1992,,,,0,1,1,0,1,0,4.1
411,365,Russia,20,8,2010,,,,Type I: Defense Pact,20,8,2010,,,,0,1,1,0,0,1,4.1
411,371,Armenia,20,8,2010,,,,Type I: Defense Pact,20,8,2010,,,,0,1,1,0,0,1,4.1
900,365,Russia,1,1,2000,31,12,2012,Type III: Entente,1,1,2000,31,12,2012,0,0,0,0,0,1,4.1
900,640,Turkey,1,1,2000,31,12,2012,Type III: Entente,1,1,2000,31,12,2012,0,0,0,0,0,1,4.1
"""

COW_DYADS = f"""\
version4id,ccode1,state_name1,ccode2,state_name2,{_SPELL.format("dyad")},left_censor,right_censor,defense,neutrality,nonaggression,entente,asymmetric,version
350,365,Russia,371,Armenia,15,5,1992,,,,0,1,1,0,1,0,0,4.1
350,365,Russia,373,Azerbaijan,15,5,1992,,,,0,1,1,0,1,0,0,4.1
350,371,Armenia,373,Azerbaijan,15,5,1992,,,,0,1,1,0,1,0,0,4.1
411,365,Russia,371,Armenia,20,8,2010,,,,0,1,1,0,0,1,0,4.1
900,365,Russia,640,Turkey,1,1,2000,31,12,2012,0,0,0,0,0,1,0,4.1
910,345,Yugoslavia,350,Greece,9,8,1955,8,8,1955,0,0,1,0,1,1,0,4.1
910,345,Yugoslavia,350,Greece,9,8,1955,4,4,1964,0,0,1,0,1,0,0,4.1
910,345,Yugoslavia,350,Greece,1,1,1960,4,4,1962,0,0,0,0,1,1,0,4.1
910,345,Yugoslavia,350,Greece,,,0,4,4,1964,0,0,0,0,1,1,0,4.1
"""


def written(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    """Write a file, and return its path."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path
