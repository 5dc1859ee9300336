def test_try(nurse, rosa):
    for w in ("hola", "sí", "1", "165/112", "03/02/1994", "165/112", "sí"):
        r=rosa.text(w)
        print(">", w)
        for s in r.says: print("<", s.text)
    from tests.clinic.people import Patient
    j=Patient(rosa.house, "+16175550102")
    print("CALL")
    for a in ((),("1",),("1","1"),("1","1","11201950"),("1","1","11201950","118*76"),("1","1","11201950","118*76", "1"), ("1","1","11201950","118*76", "1","2"),("1","2")):
        r=j.call(*a); print(">",a, [s.text for s in r.says][-6:], r.wait)
    r=j.speak_message(); print(r)
    print(nurse.read())
    assert 0
