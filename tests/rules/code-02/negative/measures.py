measures = create_measures()
measures.configure_disclosure_control(enabled=True)
print(len(measures))
